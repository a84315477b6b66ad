import { readFileSync } from 'node:fs';
import { call3, SYS } from '@ordeal/linux';
import { type LockMark, offsetOf } from '../../lock-mark.js';

/** F_OFD_SETLK and F_OFD_SETLKW: include/uapi/asm-generic/fcntl.h */
const OFD_COMMANDS = [37, 38];
const SEEK_SET = 0;
/** What the kernel says of a thread that does not sleep (proc_pid_syscall(), fs/proc/base.c). */
const RUNNING = 'running';
/** Longest that a thread may take to fall asleep, and the pause between two looks, in milliseconds. */
const ASLEEP_LIMIT = 1_000;
const PAUSE = 0.2;
const pauseCell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Marks a descriptor with what a thread is doing, which waits in flock(2) or fcntl(2) for the lock that it carries.
 * Nothing is marked where that cannot be known.
 */
export function markLock(descriptor: number, tid: number, pid: number): void {
  const call = callOf(tid);
  const kind = call && kindOf(call);
  if (kind === undefined) return;
  call3(SYS.lseek, descriptor, offsetOf({ kind, pid, number: call?.[1] ?? 0 }), SEEK_SET);
}

/**
 * Number and arguments of the system call in which a thread waits for an answer (man 5 proc_pid_syscall). As long as it
 * is on its way to sleep, or waits for a CPU to do so, nothing can be told, and it cannot get any further either.
 */
function callOf(tid: number): number[] | undefined {
  const end = performance.now() + ASLEEP_LIMIT;
  for (;;) {
    const words = readCall(tid);
    if (/^\d+$/.test(words[0] ?? '')) return words.map(Number);
    if (words[0] !== RUNNING || performance.now() >= end) return undefined;
    Atomics.wait(pauseCell, 0, 0, PAUSE);
  }
}

function readCall(tid: number): string[] {
  try {
    return readFileSync(`/proc/${tid}/syscall`, 'latin1').trim().split(' ');
  } catch {
    return [];
  }
}

function kindOf([number, , command = 0]: readonly number[]): LockMark['kind'] | undefined {
  if (number === SYS.flock) return 'FLOCK';
  if (number !== SYS.fcntl) return undefined;
  return OFD_COMMANDS.includes(command) ? 'OFDLCK' : 'POSIX';
}
