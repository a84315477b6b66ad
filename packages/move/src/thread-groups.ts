import { compareKernelObjects, isKernelWorker, KCMP, listThreads } from '@ordeal/linux';

/** The threads of a process, grouped by what they share. */
export interface ThreadGroups {
  readonly all: readonly number[];
  /** One thread for each table of descriptors. */
  readonly fileTables: readonly number[];
  /** One thread for each pair of working and root directory. */
  readonly directories: readonly number[];
}

/** Whether threads run code of their process; each is looked at once, since a thread stays what it is. */
export type KnownThreads = Map<number, boolean>;

/**
 * Inspects the live threads of a process that run its code; all lists are empty if it is gone.
 *
 * @param known of earlier calls for this process
 * @throws SyscallError
 */
export function groupThreads(pid: number, known: KnownThreads): ThreadGroups {
  const all = listThreads(pid).filter((tid) => {
    const runs = known.get(tid) ?? !isKernelWorker(pid, tid);
    known.set(tid, runs);
    return runs;
  });
  return {
    all,
    fileTables: representatives(all, KCMP.fileTable),
    directories: representatives(all, KCMP.fileSystemView),
  };
}

function representatives(tids: readonly number[], kind: (typeof KCMP)[keyof typeof KCMP]): number[] {
  const found: number[] = [];
  for (const tid of tids) {
    if (found.some((other) => compareKernelObjects(kind, other, tid) === 0)) continue;
    // A thread that has ended, even the first one, shares nothing: it is left out.
    if (compareKernelObjects(kind, tid, tid) !== undefined) found.push(tid);
  }
  return found;
}
