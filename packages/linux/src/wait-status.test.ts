import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeStatus, pollUntil } from './wait-status.js';

test('stops are told apart', () => {
  assert.deepEqual(decodeStatus(0x80_05_7f), { kind: 'event-stop', signal: 5 });
  assert.deepEqual(decodeStatus(0x80_13_7f), { kind: 'event-stop', signal: 19 });
  assert.deepEqual(decodeStatus(0x0e_7f), { kind: 'signal', signal: 14 });
  assert.deepEqual(decodeStatus(0x85_7f), { kind: 'syscall' });
  assert.deepEqual(decodeStatus(0x0100), { kind: 'gone' });
  assert.deepEqual(decodeStatus(9), { kind: 'gone' });
});

test('waiting ends at the deadline', () => {
  const start = performance.now();
  assert.equal(
    pollUntil(start + 5, () => undefined),
    undefined,
  );
  assert.ok(performance.now() >= start + 5);
});
