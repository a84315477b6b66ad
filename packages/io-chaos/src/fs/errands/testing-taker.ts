// A Worker of the errand board's tests: takes errands until it is stopped. It counts each by the number it carries,
// and all together in the last element, once their slots are free.
import { workerData } from 'node:worker_threads';
import { ErrandBoard, FIELD } from './errand-board.js';

const { memory, counts } = workerData as { memory: SharedArrayBuffer; counts: SharedArrayBuffer };
const board = new ErrandBoard(memory);
const count = new Int32Array(counts);

board.enter();
while (!board.stopped) {
  const slot = board.take(250);
  if (slot < 0) continue;
  const errand = board.numbers(slot)[FIELD.call] ?? 0;
  board.free(slot);
  Atomics.add(count, errand, 1);
  Atomics.add(count, count.length - 1, 1);
}
