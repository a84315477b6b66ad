import { readFileSync } from 'node:fs';

/** What the kernel says of a thread that does not sleep (proc_pid_syscall(), fs/proc/base.c). */
export const RUNNING = 'running';

/** Number and arguments of the system call in which a thread sleeps. */
export type CallInProgress = readonly number[];

/** Reads it (man 5 proc_pid_syscall); `undefined` if the thread is gone or may not be read. */
export function readCall(tid: number): CallInProgress | typeof RUNNING | undefined {
  let words: string[];
  try {
    words = readFileSync(`/proc/${tid}/syscall`, 'latin1').trim().split(' ');
  } catch {
    return undefined;
  }
  if (words[0] === RUNNING) return RUNNING;
  return /^\d+$/.test(words[0] ?? '') ? words.map(Number) : undefined;
}
