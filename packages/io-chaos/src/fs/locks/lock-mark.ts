import { readFileSync } from 'node:fs';
import { call3, SYS } from '@ordeal/linux';

/**
 * Whose a lock on an original file is. The descriptor that carries the lock tells it by its offset, which nobody else
 * uses: so it is known as long as there is the lock, whoever is dead.
 */
export interface LockMark {
  /** As in {@link FileLock.kind}. */
  readonly kind: (typeof KINDS)[number];
  readonly pid: number;
  /** The descriptor of that process through which it was taken. */
  readonly number: number;
}

const KINDS = ['POSIX', 'OFDLCK', 'FLOCK'] as const;
/** Process ids are below 2^22 (PID_MAX_LIMIT); the kind comes below them, from 1. */
const PID_FACTOR = 4;
const NUMBER_FACTOR = 2 ** 24;
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
  const offset = KINDS.indexOf(kind) + 1 + pid * PID_FACTOR + (call?.[1] ?? 0) * NUMBER_FACTOR;
  call3(SYS.lseek, descriptor, offset, SEEK_SET);
}

/** What an offset says. */
export function readMark(offset: number): LockMark | undefined {
  const kind = KINDS[(offset % PID_FACTOR) - 1];
  if (kind === undefined) return undefined;
  const pid = Math.floor((offset % NUMBER_FACTOR) / PID_FACTOR);
  return { kind, pid, number: Math.floor(offset / NUMBER_FACTOR) };
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
