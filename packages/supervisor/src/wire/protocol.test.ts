import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import fc from 'fast-check';
import { errorFromWire, errorToWire, requestOf } from './protocol.js';

const spec = { name: 'run', documents: ['{}'], target: { kind: 'pid', pid: 1 } };

test('requests are recognised, and nothing else is', () => {
  for (const request of [
    { id: 1, request: 'list' },
    { id: 2, request: 'stop', name: 'run' },
    { id: 3, request: 'start', spec },
    { id: 4, request: 'start', spec: { ...spec, duration: 5, target: { kind: 'selector' } } },
  ])
    assert.equal(requestOf(request), request);
  for (const line of [
    null,
    [],
    { request: 'list' },
    { id: 1, request: 'toString' },
    { id: 1, request: 'stop' },
    { id: 1, request: 'start', spec: { ...spec, target: { kind: 'pid', pid: '1' } } },
    { id: 1, request: 'start', spec: { ...spec, target: { kind: 'constructor' } } },
    { id: 1, request: 'start', spec: { ...spec, documents: [1] } },
    { id: 1, request: 'start', spec: { ...spec, duration: -1 } },
    { id: 1, request: { toString: {} } },
  ])
    assert.throws(() => requestOf(line), { code: 'ORD-860' });
});

test('whatever a client sends is a request or is refused', () => {
  const anything = fc.record(
    {
      id: fc.oneof(fc.nat(), fc.anything()),
      request: fc.oneof(fc.constantFrom('list', 'start', 'stop', '__proto__'), fc.anything()),
      name: fc.anything(),
      spec: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(anything, fc.anything()), (line) => {
      try {
        requestOf(line);
      } catch (error) {
        assert.ok(error instanceof OrdealError && error.code === 'ORD-860', String(error));
      }
    }),
  );
});

test('an error goes over the wire as it is', () => {
  const error = new OrdealError('ORD-856', 'No run', { hint: 'Try', detail: ['a'] });
  const { code, message, hint, detail } = errorFromWire(JSON.parse(JSON.stringify(errorToWire(error))));
  assert.deepEqual(
    { code, message, hint, detail },
    { code: 'ORD-856', message: 'No run', hint: 'Try', detail: ['a'] },
  );
  assert.equal(errorToWire(new TypeError('x')).code, 'ORD-999');
});
