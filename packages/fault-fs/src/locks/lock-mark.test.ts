import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetOf, readMark } from './lock-mark.js';

test('an offset says kind, process and descriptor', () => {
  assert.equal(offsetOf({ kind: 'POSIX', pid: 77, number: 5 }), 1 + 4 * 77 + 2 ** 24 * 5);
  assert.deepEqual(readMark(1 + 4 * 77 + 2 ** 24 * 5), { kind: 'POSIX', pid: 77, number: 5 });
  assert.deepEqual(readMark(2 + 4 * (2 ** 22 - 1)), { kind: 'OFDLCK', pid: 2 ** 22 - 1, number: 0 });
  assert.deepEqual(readMark(3 + 4 * 1 + 2 ** 24 * (2 ** 20 - 1)), {
    kind: 'FLOCK',
    pid: 1,
    number: 2 ** 20 - 1,
  });
  assert.equal(readMark(0), undefined);
  assert.equal(readMark(4096), undefined);
});
