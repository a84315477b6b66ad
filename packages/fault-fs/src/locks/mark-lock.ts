import { call3, SYS } from '@ordeal/linux';
import type { CallInProgress } from './call-in-progress.js';
import { type LockMark, offsetOf } from './lock-mark.js';

/** F_OFD_SETLK and F_OFD_SETLKW: include/uapi/asm-generic/fcntl.h */
const OFD_COMMANDS = [37, 38];
const SEEK_SET = 0;

/** Marks a descriptor with the owner of its lock. */
export function markLock(descriptor: number, mark: LockMark): void {
  call3(SYS.lseek, descriptor, offsetOf(mark), SEEK_SET);
}

/**
 * The owner of a lock that process `pid` takes, from the system call that asks for it.
 *
 * @returns `undefined` if the call is not known and does not need to be: a lock of flock(2) belongs to a description
 */
export function ownerOf(call: CallInProgress | undefined, pid: number, flock: boolean): LockMark | undefined {
  const [number, descriptor = 0, command = 0] = call ?? [];
  if (flock) return number === SYS.flock ? { kind: 'FLOCK', pid, number: descriptor } : undefined;
  if (number === SYS.fcntl && OFD_COMMANDS.includes(command))
    return { kind: 'OFDLCK', pid, number: descriptor };
  // Nearly all locks of fcntl(2) belong to processes. Taken for a description's, one would never end after a move.
  return { kind: 'POSIX', pid, number: descriptor };
}
