import { listNumbers } from './list-numbers.js';
import { readStat, STAT } from './process-stat.js';

/**
 * PF_IO_WORKER and PF_USER_WORKER (include/linux/sched.h): threads that the kernel created for io_uring and vhost.
 */
const KERNEL_WORKER = 0x10 | 0x4000;

/** All threads of a process, the first one first; none if it is gone. */
export function listThreads(pid: number): number[] {
  try {
    return listNumbers(`/proc/${pid}/task`).sort((a, b) => Number(b === pid) - Number(a === pid) || a - b);
  } catch {
    return [];
  }
}

/**
 * The state of a thread (man 5 proc_pid_stat): R is runnable, t is traced and stopped; `undefined` if it is gone.
 */
export function threadState(pid: number, tid: number): string | undefined {
  return readStat(pid, tid)?.[STAT.state];
}

/** Ended, or a zombie: unreaped, or a first thread that ended before the others. */
export function hasThreadEnded(pid: number, tid: number): boolean {
  const state = threadState(pid, tid);
  return state === undefined || 'ZX'.includes(state);
}

/**
 * Whether a thread was created by the kernel and never runs code of the process: it shares the process's memory and
 * files and can be stopped, but cannot be made to run a system call.
 */
export function isKernelWorker(pid: number, tid: number): boolean {
  return (Number(readStat(pid, tid)?.[STAT.flags] ?? 0) & KERNEL_WORKER) !== 0;
}
