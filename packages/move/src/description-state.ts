import { readFileSync } from 'node:fs';
import {
  call3,
  dropDescriptionLocks,
  errnoName,
  exactCall3,
  type Fd,
  type FileLock,
  O_PATH,
  parseLocks,
  SYS,
  takeDescriptionLock,
  trySyscall,
} from '@ordeal/linux';
import type { Description } from './description.js';

const F_GETFL = 3;
const F_SETFL = 4;
const SEEK_SET = 0;
const SEEK_CUR = 1;
/** sync_file_range(2): wait for what is being written, write the rest, wait for it. */
const WRITE_AND_WAIT = 7;

/** State common to all descriptions of one pass; all processes that use them are stopped. */
export interface TransferContext {
  /** Numbers of the inodes that are locked by anyone; `undefined`: not listed, any may be. */
  readonly lockedInodes: ReadonlySet<string> | undefined;
  /** Whether the old side caches written data (a server with a write-back cache). */
  readonly writeBack: boolean;
  readonly heldLocks: HeldLocks | undefined;
  /** Locks of descriptions that were seen with those of a process, for which the same file is read. */
  readonly seenLocks: Map<Description, readonly FileLock[]>;
}

/** Locks that the old side keeps itself, so that the kernel cannot list them. Asked while all who use it are stopped. */
export interface HeldLocks {
  /**
   * The locks that exist through an open file: those of kind `FLOCK` and `OFDLCK` of the open file description, and
   * `POSIX` of process `pid`. `descriptor` is one of this process for that very description.
   */
  locksOf(descriptor: number, pid: number): readonly FileLock[];
  /** Releases these locks on the old side, if reading them does not: what is held there cannot be taken here. */
  release(descriptor: number, pid: number): void;
}

/**
 * Reads which inodes are locked; the answer is true as long as those who use them are stopped. The first reading waits
 * for an RCU grace period (percpu_down_write() in locks_start(), fs/locks.c), many milliseconds; one that follows at
 * once does not. So it is read once more than needed, before any process is stopped.
 */
export function lockedInodes(): Set<string> {
  return new Set(parseLocks(readFileSync('/proc/locks', 'latin1')).map((lock) => lock.inode));
}

/** Whether anyone may have a lock on an inode. */
export function mayBeLocked({ lockedInodes }: TransferContext, inode: string): boolean {
  return lockedInodes?.has(inode) ?? true;
}

/**
 * Transfers a description's offset, status flags and locks to its successor, where that has not been done. If the lock is
 * refused it stays, unchanged; its state is then `left`.
 */
export function transferState(description: Description, context: TransferContext): void {
  const { state, old } = description;
  if (state.kind !== 'fresh') return;
  const { successor } = state;
  if ((description.flags & O_PATH) === 0) {
    if (context.writeBack) trySyscall(SYS.sync_file_range, old.number, 0, 0, WRITE_AND_WAIT);
    const refusal = transferLocks(description, successor.number, context);
    if (refusal !== undefined) {
      successor.close();
      description.state = { kind: 'left', reason: refusal };
      return;
    }
    transferPosition(description, successor);
  }
  description.state = { kind: 'moved', successor };
}

function transferPosition({ old, flags }: Description, successor: Fd): void {
  const now = call3(SYS.fcntl, old.number, F_GETFL, 0);
  if (now !== flags) call3(SYS.fcntl, successor.number, F_SETFL, now);
  // In a directory it may have 63 significant bits: ext4 derives it from a hash.
  const offset = exactCall3(SYS.lseek, old.number, 0, SEEK_CUR);
  if (offset > 0) call3(SYS.lseek, successor.number, offset, SEEK_SET);
}

function transferLocks(
  description: Description,
  successor: number,
  context: TransferContext,
): string | undefined {
  if (!context.heldLocks && !mayBeLocked(context, description.lockInode)) return undefined;
  const old = description.old.number;
  const locks = descriptionLocks(description, context);
  if (locks.length === 0) return undefined;
  // Both sides may lead to the same file, so the old lock must be released before the new one can be taken.
  dropDescriptionLocks(old);
  context.heldLocks?.release(old, process.pid);
  const refused = takeAll(successor, locks);
  if (refused === undefined) {
    description.locks = locks;
    return undefined;
  }
  dropDescriptionLocks(successor);
  const lost = takeAll(old, locks);
  const reason = `its lock cannot be taken on the new side (${errnoName(refused)})`;
  return lost === undefined ? reason : `${reason} and was lost to another process`;
}

function descriptionLocks(description: Description, context: TransferContext): FileLock[] {
  const { number } = description.old;
  const locks = context.heldLocks
    ? context.heldLocks.locksOf(number, process.pid)
    : (context.seenLocks.get(description) ??
      parseLocks(readFileSync(`/proc/self/fdinfo/${number}`, 'latin1')));
  return locks.filter((lock) => lock.kind === 'FLOCK' || lock.kind === 'OFDLCK');
}

/** @returns the errno of the first refusal */
function takeAll(descriptor: number, locks: readonly FileLock[]): number | undefined {
  const result = locks.map((lock) => takeDescriptionLock(descriptor, lock)).find((value) => value < 0);
  return result === undefined ? undefined : -result;
}
