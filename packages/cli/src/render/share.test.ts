import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareWords } from './share.js';

test('which matches get the fault, in words', () => {
  assert.equal(shareWords({ probabilityPercent: 100 }), 'every match');
  assert.equal(shareWords({ probabilityPercent: 50, replayed: 3 }), '3 recorded requests');
  assert.equal(shareWords({ probabilityPercent: 0, times: 3 }), 'no match');
  assert.equal(shareWords({ probabilityPercent: 50, seed: 7 }), '50 % of matches, seed 7');
  assert.equal(
    shareWords({ probabilityPercent: 100, after: 2, every: 1, times: 1 }),
    'every match after the first 2, at most 1 fault for each target',
  );
  assert.equal(shareWords({ probabilityPercent: 100, every: 22 }), 'every 22nd match');
  assert.equal(shareWords({ probabilityPercent: 10, every: 112 }), '10 % of every 112th match');
});
