import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrandBoard, FIELD, SLOTS } from './errand-board.js';

test('without a helper nothing is given away', () => {
  const board = new ErrandBoard();
  assert.equal(board.findFree(), -1);
  board.enter();
  assert.equal(board.findFree(), 0);
});

test('errands are taken in order, by whoever shares the memory, and free their slots', () => {
  const board = new ErrandBoard();
  const other = new ErrandBoard(board.memory);
  board.enter();
  for (let round = 0; round < 3; round++) {
    const posted: number[] = [];
    for (let slot = board.findFree(); slot >= 0; slot = board.findFree()) {
      board.numbers(slot)[FIELD.call] = slot * 10;
      board.post(slot);
      posted.push(slot);
    }
    assert.equal(posted.length, SLOTS);
    assert.equal(other.idle, false);
    const taken = posted.map(() => other.take(0));
    assert.deepEqual(taken, posted);
    assert.equal(other.take(0), -1);
    for (const slot of taken) {
      assert.equal(other.numbers(slot)[FIELD.call], slot * 10);
      other.free(slot);
    }
    assert.equal(board.idle, true);
  }
  board.stop();
  assert.equal(other.stopped, true);
});
