import { ERRNO } from '@ordeal/diagnostics';
import { StructWriter } from './bytes.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/** A lock as the kernel shows it in `/proc/PID/fdinfo/N` (man 5 proc_pid_fdinfo) and `/proc/locks`. */
export interface FileLock {
  /** `POSIX` belongs to a process, `OFDLCK` and `FLOCK` to an open file description. */
  readonly kind: string;
  readonly exclusive: boolean;
  /** Number of the locked inode, as the kernel knows it. */
  readonly inode: string;
  readonly start: bigint;
  /** Number of bytes; 0n reaches to the end of the file however long. */
  readonly length: bigint;
}

// include/uapi/asm-generic/fcntl.h
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;
/** fcntl command for a lock that belongs to the process. */
export const F_SETLK = 6;
const F_OFD_SETLK = 37;
// include/uapi/asm-generic/fcntl.h, flock(2)
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

const LINE =
  /^(?:lock:\t)?\d+: (\w+)\s+\w+\s+(READ|WRITE|RDLCK|RW|UNLCK|NONE)\s+\S+ \w+:\w+:(\d+) (\d+) (\d+|EOF)$/gm;

/** All locks in a text of `/proc/locks` or of an fdinfo file; waiting ones are left out. */
export function parseLocks(text: string): FileLock[] {
  return [...text.matchAll(LINE)].map(([, kind = '', mode, inode = '', start = '0', end = 'EOF']) => ({
    kind,
    exclusive: mode === 'WRITE',
    inode,
    start: BigInt(start),
    length: end === 'EOF' ? 0n : BigInt(end) - BigInt(start) + 1n,
  }));
}

/** `struct flock` that takes the lock. Layout of 64-bit kernels: type, whence, start at 8, length at 16, pid at 24. */
export function lockStructure(lock: FileLock): Uint8Array {
  return structure(lock.exclusive ? F_WRLCK : F_RDLCK, lock.start, lock.length);
}

/** Takes a lock that belongs to an open file description, without waiting; returns 0 or `-errno`. */
export function takeDescriptionLock(descriptor: number, lock: FileLock): number {
  if (lock.kind === 'FLOCK') {
    return trySyscall(SYS.flock, descriptor, (lock.exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
  }
  return trySyscall(SYS.fcntl, descriptor, F_OFD_SETLK, lockStructure(lock));
}

/**
 * Takes the flock(2) lock of a whole file, without waiting, for an open file description.
 *
 * @param what names the file, for the error
 * @returns whether it was free
 * @throws SyscallError
 */
export function lockWholeFile(descriptor: number, what: string): boolean {
  const result = trySyscall(SYS.flock, descriptor, LOCK_EX | LOCK_NB);
  if (result < 0 && result !== -ERRNO.EAGAIN) throw new SyscallError(what, -result);
  return result === 0;
}

/** Releases all locks that belong to an open file description. */
export function dropDescriptionLocks(descriptor: number): void {
  trySyscall(SYS.flock, descriptor, LOCK_UN);
  trySyscall(SYS.fcntl, descriptor, F_OFD_SETLK, structure(F_UNLCK, 0n, 0n));
}

function structure(type: number, start: bigint, length: bigint): Uint8Array {
  // l_type is 16 bits wide and l_whence, SEEK_SET, is 0: together they are one 32-bit word on little-endian machines.
  return new StructWriter(32).u32(0, type).u64(8, start).u64(16, length).bytes;
}
