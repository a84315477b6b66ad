import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayedMatches } from './replayed-matches.js';

test('the recorded numbers, where they decide', () => {
  const replay = new Map([
    ['eio', { seed: 7, matches: [3, 9] }],
    ['many', { seed: 7, matches: undefined }],
  ]);
  const fault = { action: 'fault' } as const;
  assert.deepEqual(replayedMatches(replay, 'eio', fault), [3, 9]);
  assert.deepEqual(replayedMatches(replay, 'never-armed', fault), []);
  assert.equal(replayedMatches(replay, 'many', fault), undefined);
  assert.equal(replayedMatches(undefined, 'eio', fault), undefined);
  // A limit delays what comes too soon, whatever its number is.
  assert.equal(replayedMatches(replay, 'eio', { action: 'limit' }), undefined);
});
