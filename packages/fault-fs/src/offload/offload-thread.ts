// A Worker that makes system calls which may take long, and answers the requests that they are for.
import { workerData } from 'node:worker_threads';
import { call6, ERRNO, PAGE, viewMemory } from '@ordeal/linux';
import { CallerIdentity, WORKS } from '../backing/caller-identity.js';
import { Scratch } from '../backing/scratch.js';
import { FIELD, OffloadBoard } from './offload-board.js';
import { answerFromSlot } from './slot-reply.js';

const board = new OffloadBoard(workerData as SharedArrayBuffer);
const scratch = new Scratch();
const identity = new CallerIdentity(scratch);
const views = new Map<number, DataView>();

board.enter();
while (!board.stopped) {
  const slot = board.take(Number.POSITIVE_INFINITY);
  if (slot < 0) continue;
  run(board.numbers(slot));
  board.free(slot);
}
scratch.close();

function run(numbers: Float64Array): void {
  const field = (at: number) => numbers[at] ?? 0;
  const result = execute(field);
  const address = field(FIELD.memory);
  const given = {
    device: field(FIELD.device),
    uniqueLow: field(FIELD.uniqueLow),
    uniqueHigh: field(FIELD.uniqueHigh),
    reply: field(FIELD.reply),
  };
  answerFromSlot(viewOf(address), address, given, result);
}

/** Every request needs an answer, whatever goes wrong. */
function execute(field: (at: number) => number): number {
  try {
    const work = WORKS[field(FIELD.work)];
    if (work) identity.assume(field(FIELD.uid), field(FIELD.gid), field(FIELD.pid), work);
    else identity.resume();
  } catch {
    return -ERRNO.EIO;
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = [1, 2, 3, 4, 5, 6].map(field);
  return call6(field(FIELD.call), a, b, c, d, e, f);
}

/** The memory of a slot is mapped once and stays until the helpers have ended. */
function viewOf(address: number): DataView {
  let view = views.get(address);
  if (!view) {
    view = viewMemory(address, 2 * PAGE);
    views.set(address, view);
  }
  return view;
}
