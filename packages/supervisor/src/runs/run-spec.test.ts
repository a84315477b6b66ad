import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ioChaos } from '../testing/documents.js';
import { checkRunName, partsOf } from './run-spec.js';

const target = { kind: 'cgroup', path: 'a' } as const;
const writes = (name: string, more: object = {}) =>
  ioChaos({ action: 'fault', errno: 5, volumePath: '/data', ...more }, name);

test('the name of a run is the name of a file in its directory, and of nothing else', () => {
  for (const name of ['a', 'slow-writes', 'A.b_c-9', 'x'.repeat(63)]) checkRunName(name);
  for (const name of ['', '.', '..', 'a/b', '-a', 'a.', 'x'.repeat(64), 'a\0b', 'a b'])
    assert.throws(() => checkRunName(name), { code: 'ORD-858' });
  fc.assert(
    fc.property(fc.string(), (name) => {
      try {
        checkRunName(name);
      } catch {
        return;
      }
      assert.equal(encodeURIComponent(name), name);
    }),
  );
});

test('parts have their own duration unless the run has one', () => {
  const documents = [writes('one', { duration: '2s' }), writes('two')];
  const durations = (duration?: number) =>
    partsOf({ name: 'run', documents, target, ...(duration !== undefined && { duration }) }).map(
      (part) => part.duration,
    );
  assert.deepEqual(durations(), [2000, undefined]);
  assert.deepEqual(durations(5), [5, 5]);
});

test('no document, a twin and a bad document are refused', () => {
  const read = (documents: string[]) => () => partsOf({ name: 'run', documents, target });
  assert.throws(read([]), { code: 'ORD-858' });
  assert.throws(read([writes('one'), writes('one')]), { code: 'ORD-858' });
  assert.throws(read(['{}']), { code: 'ORD-100' });
});
