import type { ChildProcess } from 'node:child_process';
import { type Code, codes, OrdealError } from '@ordeal/diagnostics';
import type { MovePlan, MoveReport } from '@ordeal/move';
import { preferMover, startProgram } from '../start-program.js';
import type { MoverAnswer, MoverJob, MoverMessage } from './mover-job.js';

/**
 * The longest time that a mover may take, in milliseconds; after it the server is considered hung. A busy machine
 * starts it late.
 */
const LIMIT = 30_000;
/** The longest time that the old side's server may take to answer its first request. */
const FIRST_ANSWER = 4_000;

/** Roots of the two sides: descriptors of this process. `from` may be missing if the job is `detached`. */
export interface MoverSides {
  readonly from: number | undefined;
  readonly to: number;
}

export interface MoverOrder extends Omit<MoverJob, 'kind' | 'parent' | keyof MoverSides> {
  /** Called with the mover's pid before the mover does anything. */
  readonly started?: (pid: number) => void;
}

/** The mover was killed, or crashed. */
export class MoverDied extends OrdealError {
  constructor() {
    super('ORD-712', 'the mover ended without an answer');
  }
}

/** Starts a mover that waits for its tasks. It ends when this process disconnects from it or ends, and see {@link MoverMessage}. */
export function prepareMover(): ChildProcess {
  const mover = startProgram('mover');
  mover.on('error', () => undefined);
  return mover;
}

/**
 * What a move would do.
 *
 * @param prepared of {@link prepareMover}, which waits for its next task afterwards
 * @throws OrdealError ORD-712, ORD-751, ORD-752
 */
export async function planMove(
  order: MoverOrder,
  sides: MoverSides,
  prepared?: ChildProcess,
): Promise<MovePlan> {
  const answer = await answerTo('plan', order, sides, prepared);
  if (answer?.kind === 'planned') return answer.plan;
  throw failure(answer);
}

/**
 * Moves.
 *
 * @param prepared of {@link prepareMover}, which waits for its next task afterwards if it is still connected; another is
 *   started if it is gone
 * @throws MoverDied, OrdealError ORD-712, ORD-751, ORD-752
 */
export async function runMove(
  order: MoverOrder,
  sides: MoverSides,
  prepared?: ChildProcess,
): Promise<MoveReport> {
  const answer = await answerTo('run', order, sides, prepared);
  if (answer?.kind === 'moved') return answer.report;
  throw failure(answer);
}

/** Of the prepared mover; where that is gone, of one for this task alone. */
async function answerTo(
  kind: MoverJob['kind'],
  order: MoverOrder,
  sides: MoverSides,
  prepared: ChildProcess | undefined,
): Promise<MoverAnswer | undefined> {
  const mover = prepared?.connected ? prepared : prepareMover();
  try {
    return await answerOf(mover, kind, order, sides);
  } finally {
    if (mover !== prepared && mover.connected) mover.disconnect();
  }
}

/** The answer to a plan, or to a move when the mover is done with it; undefined if it ends without one. */
function answerOf(
  mover: ChildProcess,
  kind: MoverJob['kind'],
  { started, ...order }: MoverOrder,
  sides: MoverSides,
): Promise<MoverAnswer | undefined> {
  const job: MoverJob = { ...order, ...sides, kind, parent: process.pid };
  preferMover(mover);
  if (mover.pid !== undefined) started?.(mover.pid);
  if (mover.connected) mover.send(job, () => undefined);
  return new Promise((resolve) => {
    let answer: MoverAnswer | undefined;
    let first: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(first);
      clearTimeout(limit);
      mover.off('message', hear).off('error', fail).off('close', settle);
      resolve(answer);
    };
    const giveUp = (reason: string) => {
      // A mover that has answered restores the registers of threads whose calls are still running: it ends when they
      // do.
      if (answer === undefined) mover.kill('SIGKILL');
      answer ??= refused(reason);
      // A mover that waits for a server does not end before the connection does. It gets no other task.
      if (mover.connected) mover.disconnect();
      settle();
    };
    const limit = setTimeout(() => giveUp(`the move took longer than ${LIMIT / 1000} s`), LIMIT);
    const hear = (message: MoverMessage) => {
      clearTimeout(first);
      if (message.kind === 'ready') settle();
      else if (message.kind === 'asking') {
        first = setTimeout(() => giveUp('the server does not answer the mover'), FIRST_ANSWER);
      } else if (message.kind === 'planned' || message.kind === 'moved' || message.kind === 'refused') {
        answer = message;
        if (kind === 'plan') settle();
      }
    };
    const fail = (error: Error) => {
      answer = refused(error.message);
      settle();
    };
    mover.on('message', hear).once('error', fail).once('close', settle);
  });
}

function refused(refusal: string): MoverAnswer {
  return { kind: 'refused', code: 'ORD-712', refusal };
}

function failure(answer: MoverAnswer | undefined): OrdealError {
  if (answer === undefined) return new MoverDied();
  if (answer.kind !== 'refused') return new OrdealError('ORD-712', 'the mover answered something else');
  return new OrdealError(answer.code in codes ? (answer.code as Code) : 'ORD-712', answer.refusal);
}
