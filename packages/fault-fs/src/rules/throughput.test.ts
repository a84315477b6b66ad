import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Throughput } from './throughput.js';

const rate = fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined });
const requests = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 2000 }), bytes: fc.integer({ min: 0, max: 1_000_000 }) }),
  { minLength: 1, maxLength: 50 },
);

test('from any request on no more is done than the limit, and none waits without need', () => {
  fc.assert(
    fc.property(rate, rate, requests, (bytesPerSecond, operationsPerSecond, stream) => {
      const throughput = new Throughput({ bytesPerSecond, operationsPerSecond });
      let now = 0;
      let freeAt = 0;
      for (const { after, bytes } of stream) {
        now += after;
        const begin = now + throughput.take(now, bytes);
        assert.ok(begin >= freeAt - 1e-6, 'too early');
        assert.ok(begin <= Math.max(now, freeAt) + 1e-6, 'too late');
        const forBytes = bytesPerSecond === undefined ? 0 : (bytes * 1000) / bytesPerSecond;
        const forOperation = operationsPerSecond === undefined ? 0 : 1000 / operationsPerSecond;
        freeAt = begin + Math.max(forBytes, forOperation);
      }
    }),
  );
});

test('what was not used is not saved up', () => {
  const throughput = new Throughput({ operationsPerSecond: 10 });
  assert.deepEqual(
    [0, 0, 0, 5000, 5000].map((now) => throughput.take(now, 0)),
    [0, 100, 200, 0, 100],
  );
});
