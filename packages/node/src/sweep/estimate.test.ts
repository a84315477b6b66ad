import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleRun } from '../testing/sample-runs.js';
import { estimateRest } from './estimate.js';
import { trailingMisses } from './sweep-command.js';

const standing = { done: 20, now: 20, matches: 97, settle: 3, last: 10_000, elapsedMs: 4_000 };

test('the estimate is the matched requests plus the settling runs', () => {
  assert.deepEqual(estimateRest(standing), { estimate: 100, etaMs: 16_000 });
});

test('the pace is that of the current part, the count that of all parts', () => {
  const { estimate, etaMs } = estimateRest({ ...standing, done: 90, now: 10, elapsedMs: 5_000 });
  assert.deepEqual([estimate, etaMs], [100, 5_000]);
});

test('the limit of runs counts, and past the estimate it grows', () => {
  assert.deepEqual(estimateRest({ ...standing, last: 30 }), { estimate: 30, etaMs: 2_000 });
  assert.deepEqual(estimateRest({ ...standing, done: 120, now: 120 }), { estimate: 121, etaMs: 33 });
  assert.deepEqual(estimateRest({ ...standing, done: 0, now: 0 }), { estimate: 100, etaMs: 0 });
});

test('runs without a fault settle a sweep only at its end', () => {
  const misses = (...outcomes: ('survives' | 'no fault')[]) =>
    trailingMisses(outcomes.map((outcome, index) => sampleRun(index + 1, outcome, ['a'])));
  assert.equal(misses(), 0);
  assert.equal(misses('no fault', 'no fault'), 2);
  assert.equal(misses('no fault', 'survives', 'no fault'), 1);
  assert.equal(misses('no fault', 'survives'), 0);
});
