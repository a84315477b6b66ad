import { readFileSync } from 'node:fs';
import { call3, SYS } from '@ordeal/linux';
import { type LockMark, offsetOf } from './lock-mark.js';

/** F_OFD_SETLK and F_OFD_SETLKW: include/uapi/asm-generic/fcntl.h */
const OFD_COMMANDS = [37, 38];
const SEEK_SET = 0;
/** What the kernel says of a thread that does not sleep (proc_pid_syscall(), fs/proc/base.c). */
const RUNNING = 'running';

/**
 * Marks a descriptor with the owner of its lock, from the system call (flock(2) or fcntl(2)) in which the calling
 * thread waits. Does nothing if that is not known.
 */
export function markLock(descriptor: number, tid: number, pid: number): void {
  const call = readCall(tid);
  if (call === undefined || call === RUNNING) return;
  const kind = kindOf(call);
  if (kind === undefined) return;
  call3(SYS.lseek, descriptor, offsetOf({ kind, pid, number: call[1] ?? 0 }), SEEK_SET);
}

/**
 * Number and arguments of the system call in which a thread sleeps (man 5 proc_pid_syscall); `undefined` if it is
 * gone or may not be read.
 */
export function readCall(tid: number): readonly number[] | typeof RUNNING | undefined {
  let words: string[];
  try {
    words = readFileSync(`/proc/${tid}/syscall`, 'latin1').trim().split(' ');
  } catch {
    return undefined;
  }
  if (words[0] === RUNNING) return RUNNING;
  return /^\d+$/.test(words[0] ?? '') ? words.map(Number) : undefined;
}

function kindOf([number, , command = 0]: readonly number[]): LockMark['kind'] | undefined {
  if (number === SYS.flock) return 'FLOCK';
  if (number !== SYS.fcntl) return undefined;
  return OFD_COMMANDS.includes(command) ? 'OFDLCK' : 'POSIX';
}
