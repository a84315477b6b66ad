import { readFileSync } from 'node:fs';

/**
 * Numbers of unlink, unlinkat, rename, renameat, renameat2, link and linkat: arch/x86/entry/syscalls/syscall_64.tbl and
 * syscall_32.tbl, include/uapi/asm-generic/unistd.h and arch/arm64/tools/syscall_32.tbl. The numbers of the one table are
 * no calls in the other that look up a socket or a FIFO.
 */
const CALLS: { readonly [architecture: string]: readonly number[] } = {
  x64: [87, 263, 82, 264, 316, 86, 265, 10, 301, 38, 302, 353, 9, 303],
  arm64: [35, 38, 276, 37, 10, 328, 329, 382, 9, 330],
};

/**
 * Whether a thread that looks up a name is about to remove it, to rename it or to link to it; `undefined` if that is
 * not known yet, because the thread does not sleep yet. False for what the kernel does for io_uring.
 */
export function changesName(tid: number): boolean | undefined {
  try {
    return changesNameBy(readFileSync(`/proc/${tid}/syscall`, 'latin1'), process.arch);
  } catch {
    return false;
  }
}

/** The same, from the text of `/proc/PID/syscall` (man 5 proc_pid_syscall). Pure. */
export function changesNameBy(text: string, architecture: string): boolean | undefined {
  if (text.startsWith('running')) return undefined;
  const number = /^\d+/.exec(text)?.[0];
  return number !== undefined && (CALLS[architecture] ?? []).includes(Number(number));
}
