import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW_IN_A_ROW, StorageLatency } from './storage-latency.js';

test('a disk is slow after some slow calls in a row, for a second', () => {
  const latency = new StorageLatency();
  const now = performance.now();
  const slowCalls = (begun: number, took: number, count = SLOW_IN_A_ROW) => {
    for (let call = 0; call < count; call++) latency.note(begun, begun + took);
    return latency.slow;
  };
  assert.equal(slowCalls(now, 8, SLOW_IN_A_ROW - 1), false);
  latency.note(now, now + 0.1);
  assert.equal(slowCalls(now, 8, SLOW_IN_A_ROW - 1), false, 'not in a row');
  assert.equal(slowCalls(now - 5000, 1000), false, 'that was long ago');
  assert.equal(slowCalls(now, 1e9, 1), true);
  latency.note(now, now + 0.1);
  assert.equal(latency.slow, true);
});

test('what is measured is made', () => {
  assert.equal(
    new StorageLatency().measure(() => 5),
    5,
  );
});
