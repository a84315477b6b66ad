import type { ChildProcess } from 'node:child_process';
import { type Code, codes, OrdealError } from '@ordeal/diagnostics';
import type { MovePlan, MoveReport } from '@ordeal/move';
import { startProgram } from '../start-program.js';
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

export interface MoverOrder extends Omit<MoverJob, 'kind' | 'parent'> {
  /** Called with the mover's pid before the mover does anything. */
  readonly started?: (pid: number) => void;
}

/** The mover was killed, or crashed. */
export class MoverDied extends OrdealError {
  constructor() {
    super('ORD-712', 'the mover ended without an answer');
  }
}

/** Starts a mover that waits for its task, and ends when it has done it or this process ends. */
export function prepareMover({ from, to }: MoverSides): ChildProcess {
  const mover = startProgram('mover', {}, from === undefined ? [to] : [to, from]);
  mover.on('error', () => undefined);
  return mover;
}

/** What a move would do. @throws OrdealError ORD-712, ORD-751, ORD-752 */
export async function planMove(order: MoverOrder, sides: MoverSides): Promise<MovePlan> {
  const answer = await answerOf('plan', order, sides);
  if (answer?.kind === 'planned') return answer.plan;
  throw failure(answer);
}

/**
 * Moves.
 *
 * @param prepared of {@link prepareMover}; another is started if it is gone
 * @throws MoverDied, OrdealError ORD-712, ORD-751, ORD-752
 */
export async function runMove(
  order: MoverOrder,
  sides: MoverSides,
  prepared?: ChildProcess,
): Promise<MoveReport> {
  const answer = await answerOf('run', order, sides, prepared);
  if (answer?.kind === 'moved') return answer.report;
  throw failure(answer);
}

function answerOf(
  kind: MoverJob['kind'],
  { started, ...order }: MoverOrder,
  sides: MoverSides,
  prepared?: ChildProcess,
): Promise<MoverAnswer | undefined> {
  const job: MoverJob = { ...order, kind, parent: process.pid };
  const mover = prepared?.connected ? prepared : prepareMover(sides);
  if (mover.pid !== undefined) started?.(mover.pid);
  if (mover.connected) mover.send(job, () => undefined);
  return new Promise((resolve) => {
    let answer: MoverAnswer | undefined;
    const giveUp = (reason: string) => {
      // A mover that has answered restores the registers of threads whose calls are still running: it ends when they
      // do.
      if (answer === undefined) mover.kill('SIGKILL');
      // A mover that waits for a server does not end before the connection does.
      resolve(answer ?? refused(reason));
    };
    let first: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => giveUp(`the move took longer than ${LIMIT / 1000} s`), LIMIT);
    mover.on('message', (message: MoverMessage) => {
      clearTimeout(first);
      if (message.kind === 'planned' || message.kind === 'moved' || message.kind === 'refused') {
        answer = message;
      } else if (message.kind === 'asking') {
        first = setTimeout(() => giveUp('the server does not answer the mover'), FIRST_ANSWER);
      }
    });
    mover.once('error', (error) => {
      answer = refused(error.message);
      resolve(answer);
    });
    mover.once('close', () => {
      clearTimeout(first);
      clearTimeout(limit);
      resolve(answer);
    });
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
