import { type Code, codes, OrdealError } from '@ordeal/diagnostics';
import type { MovePlan, MoveReport } from '../move/report.js';
import type { MoverAnswer, MoverJob } from './mover-job.js';
import { startProgram } from './start-program.js';

/** Longest that a mover may take, in milliseconds; then its server is taken for hung. */
const LIMIT = 15_000;

/** Roots of the two sides: descriptors of this process. */
export interface MoverSides {
  readonly from: number;
  readonly to: number;
}

/** What a move would do. @throws OrdealError ORD-712, ORD-751, ORD-752 */
export async function planMove(job: Omit<MoverJob, 'kind'>, sides: MoverSides): Promise<MovePlan> {
  const answer = await answerOf({ ...job, kind: 'plan' }, sides);
  if ('plan' in answer) return answer.plan;
  throw failure(answer);
}

/** Moves. @throws OrdealError ORD-712, ORD-751, ORD-752 */
export async function runMove(job: Omit<MoverJob, 'kind'>, sides: MoverSides): Promise<MoveReport> {
  const answer = await answerOf({ ...job, kind: 'run' }, sides);
  if ('report' in answer) return answer.report;
  throw failure(answer);
}

function answerOf(job: MoverJob, { from, to }: MoverSides): Promise<MoverAnswer> {
  const mover = startProgram('mover', job, [from, to]);
  return new Promise((resolve) => {
    let answer: MoverAnswer = { code: 'ORD-712', refusal: 'the mover ended without an answer' };
    const limit = setTimeout(() => {
      answer = { code: 'ORD-712', refusal: `the move took longer than ${LIMIT / 1000} s` };
      mover.kill('SIGKILL');
      // A mover that waits for a server does not end before the connection does.
      resolve(answer);
    }, LIMIT);
    mover.once('message', (message: MoverAnswer) => {
      answer = message;
    });
    mover.once('error', (error) => {
      answer = { code: 'ORD-712', refusal: error.message };
      resolve(answer);
    });
    mover.once('close', () => {
      clearTimeout(limit);
      resolve(answer);
    });
  });
}

function failure(answer: MoverAnswer): OrdealError {
  if (!('refusal' in answer)) return new OrdealError('ORD-712', 'the mover answered something else');
  return new OrdealError(answer.code in codes ? (answer.code as Code) : 'ORD-712', answer.refusal);
}
