import { OrdealError } from '@ordeal/diagnostics';
import { type NewProcesses, type StoppedProcess, ThreadContinued, ThreadGone } from '@ordeal/linux';
import { lockedInodes } from './description-state.js';
import { isGone } from './file-table.js';
import { moveProcess } from './move-process.js';
import type { MovedProcesses } from './moved-processes.js';
import type { Found, OldSideSurvey } from './old-side-survey.js';
import { answerAppends } from './repeated-appends.js';
import { answerChange } from './repeated-changes.js';
import { saveUnwritten } from './save-unwritten.js';
import { stopProcesses } from './stop-processes.js';

/** Of so few descriptors each is asked for its locks: a list of all locks has to wait for an RCU grace period. */
const FEW = 16;

/** What the passes of a move share. */
export interface PassContext {
  readonly survey: OldSideSurvey;
  readonly moved: MovedProcesses;
  /** Since before the first process was inspected. */
  readonly newProcesses: NewProcesses;
}

/**
 * Stops the processes, moves what they have on the old side and releases them. All of them are stopped before the
 * first is touched: a process that shares a description, a lock or a mapped file must not run on one side while that
 * one is on the other, and a process started by one that was still running is found before any has changed.
 */
export function movePass(work: readonly Found[], context: PassContext): void {
  const { survey, moved } = context;
  const { dead, heldLocks, reached, writeBack = false } = survey.options;
  const stopped = new Map<number, StoppedProcess>();
  const listsLocks = heldLocks === undefined && descriptorsOf(work) > FEW;
  if (listsLocks) lockedInodes();
  survey.options.beforeStop?.();
  try {
    stopProcesses(
      work.map((found) => found.survey.pid),
      context,
      stopped,
    );
    reached?.('stopped');
    if (dead) {
      // The kernel writes a whole file back, or tries to, when the first mapping of it is replaced.
      for (const { pid } of stopped.values()) saveUnwritten(pid, dead, survey, moved);
      const last = dead.lastAppend();
      const change = dead.lastChange();
      for (const process of stopped.values()) {
        attempt(process, context, () => answerAppends(process, survey.of(process.pid)?.survey, last));
        attempt(process, context, () => answerChange(process, change));
      }
    }
    const transfer = {
      lockedInodes: listsLocks ? lockedInodes() : undefined,
      writeBack,
      heldLocks,
      seenLocks: new Map(),
    };
    for (const process of stopped.values()) {
      attempt(process, context, () => moveProcess(process, survey, transfer, moved.of(process.pid)));
    }
  } finally {
    releaseAll([...stopped.values()], moved);
  }
}

function descriptorsOf(work: readonly Found[]): number {
  return work.flatMap(({ survey }) => survey.tables.flatMap(({ held }) => held)).length;
}

/** If one process fails, the others are still released. */
function releaseAll([first, ...rest]: readonly StoppedProcess[], moved: MovedProcesses): void {
  if (!first) return;
  try {
    moved.of(first.pid).stopsMs.push(first.release());
  } finally {
    releaseAll(rest, moved);
  }
}

/**
 * A process that is killed meanwhile, or cannot be made to run system calls, does not prevent the others from being
 * moved.
 */
function attempt(stopped: StoppedProcess, { survey, moved }: PassContext, action: () => void): void {
  try {
    action();
  } catch (error) {
    // The next pass handles what it still has on the old side.
    if (error instanceof ThreadContinued) return;
    if (error instanceof ThreadGone || isGone(error)) moved.of(stopped.pid).ended = true;
    else if (error instanceof OrdealError && error.code === 'ORD-752') {
      survey.process(stopped.pid).refuseAll(error.message);
    } else throw error;
  }
}
