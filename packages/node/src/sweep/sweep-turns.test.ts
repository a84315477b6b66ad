import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turnsOf } from './sweep-turns.js';

test('each match of each injection has one turn, and the last injection all later ones', () => {
  const turns = (nth: number) => turnsOf(nth, [2, 0, 1]);
  assert.deepEqual([0, 1, 2, 3, 4].map(turns), [
    [0, 0, 0],
    [1, 0, 0],
    [2, 0, 0],
    [0, 0, 1],
    [0, 0, 2],
  ]);
  assert.deepEqual(turnsOf(7, [3]), [7]);
});
