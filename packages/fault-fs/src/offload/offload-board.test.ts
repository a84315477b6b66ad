import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { FIELD, LAST_TICKET, OffloadBoard, SLOTS } from './offload-board.js';

test('without a helper nothing is given away', () => {
  const board = new OffloadBoard();
  assert.equal(board.findFree(), -1);
  board.enter();
  assert.equal(board.findFree(), 0);
});

test('calls are taken in order by threads that share the memory, and free their slots', () => {
  const board = new OffloadBoard();
  const other = new OffloadBoard(board.memory);
  board.enter();
  for (let round = 0; round < 3; round++) {
    postAll(board);
    assert.equal(other.idle, false);
    takeAll(other);
    assert.equal(board.idle, true);
  }
  board.stop();
  assert.equal(other.stopped, true);
});

test('the order survives the overflow of its counter', () => {
  const board = new OffloadBoard();
  // Seven calls before the largest 32-bit number, the rest after it.
  new Int32Array(board.memory)[LAST_TICKET] = 2 ** 31 - 1 - 14;
  board.enter();
  postAll(board);
  takeAll(board);
  postAll(board);
  takeAll(board);
  assert.equal(board.idle, true);
});

test('the oldest call goes first, whatever slot it is in', () => {
  const board = new OffloadBoard();
  board.enter();
  postAll(board);
  for (const slot of [0, 1]) {
    assert.equal(board.take(0), slot);
    board.free(slot);
  }
  board.post(1);
  board.post(0);
  const taken = Array.from({ length: SLOTS }, () => board.take(0));
  assert.deepEqual(taken.slice(-2), [1, 0]);
});

test('threads that take at the same time run each call once', async () => {
  const calls = 200_000;
  const board = new OffloadBoard();
  const counts = new Int32Array(new SharedArrayBuffer(4 * (calls + 1)));
  const taken = () => Atomics.load(counts, calls);
  const program = new URL('./testing-taker.js', import.meta.url);
  const workerData = { memory: board.memory, counts: counts.buffer };
  const takers = [1, 2, 3].map(() => new Worker(program, { workerData, execArgv: [] }));
  const ended = takers.map((taker) => once(taker, 'exit'));
  await Promise.all(takers.map((taker) => once(taker, 'online')));
  try {
    let posted = 0;
    while (posted < calls) {
      const slot = board.findFree();
      if (slot >= 0) {
        board.numbers(slot)[FIELD.call] = posted++;
        board.post(slot);
      } else {
        const done = posted > 0 && taken() === posted;
        assert.ok(!done || board.findFree() >= 0, 'all calls were taken, but not all slots are free');
        await new Promise(setImmediate);
      }
    }
    while (taken() < calls) await new Promise(setImmediate);
  } finally {
    board.stop();
    await Promise.all(ended);
  }
  assert.deepEqual(
    [...counts.subarray(0, calls)].flatMap((times, call) => (times === 1 ? [] : [{ call, times }])),
    [],
  );
});

function postAll(board: OffloadBoard): void {
  for (let slot = 0; slot < SLOTS; slot++) {
    assert.equal(board.findFree(), slot);
    board.numbers(slot)[FIELD.call] = slot * 10;
    board.post(slot);
  }
  assert.equal(board.findFree(), -1);
}

function takeAll(board: OffloadBoard): void {
  for (let slot = 0; slot < SLOTS; slot++) {
    assert.equal(board.take(0), slot);
    assert.equal(board.numbers(slot)[FIELD.call], slot * 10);
    board.free(slot);
  }
  assert.equal(board.take(0), -1);
}
