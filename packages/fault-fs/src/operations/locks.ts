import {
  type Handling,
  LATER,
  LK_FLOCK,
  type Parking,
  type Reply,
  type Request,
  readLock,
} from '@ordeal/fuse';
import { call2, call3, ERRNO, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { O, S } from '../backing/file-flags.js';
import type { LockMark } from '../locks/lock-mark.js';
import { LockOwner } from '../locks/lock-owner.js';
import { F_RDLCK, F_UNLCK, F_WRLCK, type LockRange } from '../locks/lock-ranges.js';
import type { LockWaiter } from '../locks/lock-waiters.js';
import { markLock, ownerOf } from '../locks/mark-lock.js';
import { onceAsleep, type WaitingThread } from '../locks/once-asleep.js';
import type { Node } from '../nodes/node.js';
import type { OpenFile } from '../open-files.js';
import { STALE, type Volume } from '../volume.js';
import type { Operation } from './operation.js';

/** include/uapi/asm-generic/fcntl.h */
const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
/** man 2 flock */
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
const END_OF_FILE = 2n ** 63n - 1n;
/** Pauses between tries, in milliseconds, while a process outside the mount may hold the lock. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 50;

type LockRequest = ReturnType<typeof readLock>;

/**
 * Answers struct fuse_lk_out: start 0, end 8, type 16, pid 20. Which of several locks in the way is told, the kernel
 * decides: all are taken on the original file, in the same order.
 */
export const getlk: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const wanted = readLock(request);
  const file = volume.files.get(wanted.fh);
  if (!file) return -ERRNO.EBADF;
  // The owner's own descriptor must ask: its own locks do not conflict.
  const fd = node.lockOwners?.get(wanted.owner)?.fd ?? file.fd;
  writeFlock(volume, wanted.start, wanted.end, wanted.type);
  const failed = call3(SYS.fcntl, fd, F_OFD_GETLK, volume.scratch.lock);
  if (failed < 0) return failed;
  const { view, lockAt: at } = volume.scratch;
  const type = view.getInt16(at, LITTLE_ENDIAN);
  if (type === F_UNLCK) return writeLock(reply, wanted.start, wanted.end, F_UNLCK, 0);
  const start = view.getBigInt64(at + 8, LITTLE_ENDIAN);
  const length = view.getBigInt64(at + 16, LITTLE_ENDIAN);
  const end = length === 0n ? END_OF_FILE : start + length - 1n;
  const pid = view.getInt32(at + 24, LITTLE_ENDIAN);
  return writeLock(
    reply,
    start,
    end,
    type,
    pid < 0 ? holderOf(node, wanted.owner, { start, end, type }) : pid,
  );
};

/** Whose lock it is that the kernel calls an OFD lock. @returns 0 where it is one of the original tree's users */
function holderOf(node: Node, asking: bigint, lock: Omit<LockRange, 'pid'>): number {
  for (const [owner, { ranges }] of node.lockOwners ?? []) {
    const found = owner === asking ? undefined : ranges.find(lock);
    if (found) return found.pid;
  }
  return 0;
}

export const setlk: Operation = (volume, request, _reply, parking) => {
  const wanted = readLock(request);
  return whenKnown(volume, wanted, request, parking, (_later, thread) => {
    const file = volume.files.get(wanted.fh);
    return file ? tryLock(volume, file, wanted, thread, parking) : -ERRNO.EBADF;
  });
};

/** Waits without holding up others; a signal ends the waiting. */
export const setlkw: Operation = (volume, request, _reply, parking) => {
  const wanted = readLock(request);
  const file = volume.files.get(wanted.fh);
  if (!file) return -ERRNO.EBADF;
  const range = (wanted.flags & LK_FLOCK) !== 0 ? undefined : wanted;
  const waiter: LockWaiter = { node: file.node, owner: wanted.owner, range, parked: undefined, tries: 0 };
  return whenKnown(volume, wanted, request, parking, (later, thread) =>
    waitFor(volume, later, waiter, wanted, thread, parking),
  );
};

/** A lock that is taken is marked with whose it is, which can be told when the thread that asks sleeps. */
function whenKnown(
  volume: Volume,
  wanted: LockRequest,
  request: Request,
  parking: Parking,
  go: (request: Request, thread: WaitingThread) => Handling,
): Handling {
  if (wanted.type === F_UNLCK) return go(request, { call: undefined, interrupted: false });
  return onceAsleep(volume.identity, request, parking, go);
}

function waitFor(
  volume: Volume,
  request: Request,
  waiter: LockWaiter,
  wanted: LockRequest,
  thread: WaitingThread,
  parking: Parking,
): Handling {
  volume.lockWaiters.remove(waiter);
  const file = volume.files.get(wanted.fh);
  if (!file) return -ERRNO.EBADF;
  const result = tryLock(volume, file, wanted, thread, parking);
  if (result !== -ERRNO.EAGAIN) return result;
  if (thread.interrupted) return -ERRNO.EINTR;
  if (waiter.range && volume.lockWaiters.wouldDeadlock(file.node, wanted.owner, waiter.range))
    return -ERRNO.EDEADLK;
  const pause = Math.min(FIRST_PAUSE * 2 ** waiter.tries++, LONGEST_PAUSE);
  waiter.parked = parking.park(request, pause, (later, _reply, occasion) => {
    if (occasion !== 'signal') return waitFor(volume, later, waiter, wanted, thread, parking);
    volume.lockWaiters.remove(waiter);
    return -ERRNO.EINTR;
  });
  volume.lockWaiters.add(waiter);
  return LATER;
}

function tryLock(
  volume: Volume,
  file: OpenFile,
  wanted: LockRequest,
  { call }: WaitingThread,
  parking: Parking,
): number {
  const flock = (wanted.flags & LK_FLOCK) !== 0;
  const mark = wanted.type === F_UNLCK ? undefined : ownerOf(call, wanted.pid, flock);
  return (flock ? tryFlock : tryRange)(volume, file, wanted, mark, parking);
}

function tryFlock(
  volume: Volume,
  file: OpenFile,
  wanted: LockRequest,
  mark: LockMark | undefined,
  parking: Parking,
): number {
  const { type } = wanted;
  const operation = type === F_WRLCK ? LOCK_EX : type === F_RDLCK ? LOCK_SH : LOCK_UN;
  const result = call2(SYS.flock, file.fd, operation | LOCK_NB);
  if (result === 0) {
    file.flocked = type !== F_UNLCK;
    // Directories are read at the offset.
    if (mark && file.node.type === S.IFREG) markLock(file.fd, mark);
    // A lock that became weaker may let others in, too.
    if (type !== F_WRLCK) volume.lockWaiters.hasten(file.node, parking);
  }
  return result;
}

function tryRange(
  volume: Volume,
  file: OpenFile,
  wanted: LockRequest,
  mark: LockMark | undefined,
  parking: Parking,
): number {
  const { node } = file;
  let owner = node.lockOwners?.get(wanted.owner);
  if (!owner) {
    if (wanted.type === F_UNLCK) return 0;
    const fd = lockDescriptor(volume, node);
    if (fd < 0) return fd;
    owner = new LockOwner(fd, file);
    node.lockOwners ??= new Map();
    node.lockOwners.set(wanted.owner, owner);
  }
  writeFlock(volume, wanted.start, wanted.end, wanted.type);
  const result = call3(SYS.fcntl, owner.fd, F_OFD_SETLK, volume.scratch.lock);
  if (result >= 0) {
    owner.file = file;
    if (mark) markLock(owner.fd, mark);
    owner.ranges.set({ start: wanted.start, end: wanted.end, type: wanted.type, pid: wanted.pid });
    if (wanted.type !== F_WRLCK) volume.lockWaiters.hasten(node, parking);
  }
  if (owner.ranges.empty) dropOwner(node, wanted.owner, owner);
  return result;
}

/** Write locks need a descriptor for writing, read locks one for reading; some files only allow one of them. */
function lockDescriptor(volume: Volume, node: Node): number {
  const both = volume.reopen(node, O.RDWR | O.NONBLOCK);
  const fd = both >= 0 ? both : volume.reopen(node, O.RDONLY | O.NONBLOCK);
  volume.descriptors.opened(fd);
  return fd;
}

/** The owner closed a descriptor of this file: all its fcntl locks on the file end (man 2 fcntl). */
export function dropLocksOf(volume: Volume, node: Node, owner: bigint, parking: Parking): void {
  const held = node.lockOwners?.get(owner);
  if (!held) return;
  dropOwner(node, owner, held);
  volume.lockWaiters.hasten(node, parking);
}

/** The last descriptor of an open file is gone: what is left of locks taken through it are OFD locks. */
export function dropLocksThrough(volume: Volume, file: OpenFile, parking: Parking): void {
  for (const [owner, held] of file.node.lockOwners ?? []) {
    if (held.file === file) dropOwner(file.node, owner, held);
  }
  volume.lockWaiters.hasten(file.node, parking);
}

function dropOwner(node: Node, key: bigint, owner: LockOwner): void {
  owner.close();
  node.lockOwners?.delete(key);
  if (node.lockOwners?.size === 0) node.lockOwners = undefined;
}

/** struct flock: type 0, whence 2 (SEEK_SET), start 8, len 16 (0 to the end), pid 24 (must be 0 for OFD locks). */
function writeFlock(volume: Volume, start: bigint, end: bigint, type: number): void {
  const { view, lockAt: at } = volume.scratch;
  view.setInt16(at, type, LITTLE_ENDIAN);
  view.setInt16(at + 2, 0, LITTLE_ENDIAN);
  view.setBigInt64(at + 8, start, LITTLE_ENDIAN);
  view.setBigInt64(at + 16, end >= END_OF_FILE ? 0n : end - start + 1n, LITTLE_ENDIAN);
  view.setInt32(at + 24, 0, LITTLE_ENDIAN);
}

function writeLock(reply: Reply, start: bigint, end: bigint, type: number, pid: number): number {
  reply.big(0, start);
  reply.big(8, end);
  reply.u32(16, type);
  reply.u32(20, pid);
  return 24;
}
