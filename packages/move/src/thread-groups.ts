import { compareKernelObjects, isKernelWorker, KCMP, listThreads } from '@ordeal/linux';

/** The threads of a process, told apart by what they do not share. */
export interface ThreadGroups {
  readonly all: readonly number[];
  /** One thread for each table of descriptors. */
  readonly fileTables: readonly number[];
  /** One thread for each pair of working and root directory. */
  readonly directories: readonly number[];
}

/**
 * Looks at the living threads of a process that run its code; all lists are empty where it is gone.
 *
 * @throws SyscallError
 */
export function groupThreads(pid: number): ThreadGroups {
  const all = listThreads(pid).filter((tid) => !isKernelWorker(pid, tid));
  return {
    all,
    fileTables: representatives(all, KCMP.fileTable),
    directories: representatives(all, KCMP.fileSystemView),
  };
}

function representatives(tids: readonly number[], kind: (typeof KCMP)[keyof typeof KCMP]): number[] {
  const found: number[] = [];
  for (const tid of tids) {
    // A thread that has ended, the first one too, shares nothing with anyone: it is left out.
    if (compareKernelObjects(kind, tid, tid) === undefined) continue;
    if (found.some((other) => compareKernelObjects(kind, other, tid) === 0)) continue;
    found.push(tid);
  }
  return found;
}
