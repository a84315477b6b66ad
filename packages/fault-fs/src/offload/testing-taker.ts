// A Worker of the board's tests: takes calls until it is stopped. It counts each by the number it carries,
// and all together in the last element, once their slots are free.
import { workerData } from 'node:worker_threads';
import { FIELD, OffloadBoard } from './offload-board.js';

const { memory, counts } = workerData as { memory: SharedArrayBuffer; counts: SharedArrayBuffer };
const board = new OffloadBoard(memory);
const count = new Int32Array(counts);

board.enter();
while (!board.stopped) {
  const slot = board.take(250);
  if (slot < 0) continue;
  const call = board.numbers(slot)[FIELD.call] ?? 0;
  board.free(slot);
  Atomics.add(count, call, 1);
  Atomics.add(count, count.length - 1, 1);
}
