import { readdirSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import { descriptorsForFiles, movableFiles } from '@ordeal/fault-fs';
import { cString, ERRNO, identifyPath, SyscallError } from '@ordeal/linux';
import type { Move, MovePlan, OldSide } from '@ordeal/move';

/** What the descriptor limit is checked for. */
export interface LimitedPlan {
  readonly move: Move;
  readonly oldSide: OldSide;
  readonly processes: () => readonly number[];
  /** How many descriptors this process may have. */
  readonly limit: number;
}

/**
 * Plans a move and ensures that a mover can hold all files of the plan. The server has the same limit, and allows no
 * more open files than a mover can hold.
 *
 * @throws OrdealError ORD-717 if it cannot; then the move is closed. SyscallError
 */
export function planWithinLimit(limited: LimitedPlan): MovePlan {
  const { move, limit } = limited;
  const before = openDescriptors();
  let plan: MovePlan | undefined;
  try {
    plan = move.plan();
    if (openDescriptors() - before <= descriptorsForFiles(limit)) return plan;
  } catch (error) {
    if (!isExhausted(error)) throw error;
  }
  move.close();
  throw tooManyFiles(limited);
}

function tooManyFiles({ oldSide, processes, limit }: LimitedPlan): OrdealError {
  const open = processes().reduce((sum, pid) => sum + filesOnMount(pid, oldSide), 0);
  return new OrdealError(
    'ORD-717',
    `the processes that see the volume have ${open} descriptors open on its file system; ` +
      `with a limit of ${limit} at most ${movableFiles(limit)} open files can be moved`,
  );
}

/** One that has ended has none. */
function filesOnMount(pid: number, oldSide: OldSide): number {
  try {
    const paths = readdirSync(`/proc/${pid}/fd`).map((number) => `/proc/${pid}/fd/${number}`);
    return paths.filter((path) => {
      const identity = identifyPath(-1, cString(path));
      return identity !== undefined && oldSide.onMount(identity);
    }).length;
  } catch {
    return 0;
  }
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function isExhausted(error: unknown): boolean {
  if (error instanceof SyscallError) return error.errno === ERRNO.EMFILE;
  return (error as NodeJS.ErrnoException).code === 'EMFILE';
}
