import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, nanosecondSpan, span } from './time.js';

test('spans are told as people say them', () => {
  const texts = [0, 41, 999, 1000, 7300, 9949, 9950, 59_400, 59_600, 331_000, 3_600_000, 7_500_000].map(span);
  assert.deepEqual(texts, [
    '0 ms',
    '41 ms',
    '999 ms',
    '1 s',
    '7.3 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min',
    '5 min 31 s',
    '1 h',
    '2 h 5 min',
  ]);
});

test('nanoseconds below a millisecond keep their unit', () => {
  assert.equal(nanosecondSpan(1_500n), '1.5 µs');
  assert.equal(nanosecondSpan(30_000_000_000n), '30 s');
});

test('a clock shows hours only when there are any', () => {
  assert.deepEqual([0, 7999, 61_000, 3_723_000].map(clock), ['00:00', '00:07', '01:01', '1:02:03']);
});
