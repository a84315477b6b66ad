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
import { LockOwner } from '../locks/lock-owner.js';
import { F_RDLCK, F_UNLCK, F_WRLCK, type LockRange } from '../locks/lock-ranges.js';
import type { LockWaiter } from '../locks/lock-waiters.js';
import { markLock } from '../locks/mark-lock.js';
import { onceAsleep } from '../locks/once-asleep.js';
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

type Wish = ReturnType<typeof readLock>;

/**
 * Answers struct fuse_lk_out: start 0, end 8, type 16, pid 20. Which of several locks in the way is told, the kernel
 * decides: all are taken on the original file, in the same order.
 */
export const getlk: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const wish = readLock(request);
  const file = volume.files.get(wish.fh);
  if (!file) return -ERRNO.EBADF;
  // The owner's own descriptor must ask: its locks are no conflict.
  const fd = node.lockOwners?.get(wish.owner)?.fd ?? file.fd;
  writeFlock(volume, wish.start, wish.end, wish.type);
  const failed = call3(SYS.fcntl, fd, F_OFD_GETLK, volume.scratch.lock);
  if (failed < 0) return failed;
  const { view, lockAt: at } = volume.scratch;
  const type = view.getInt16(at, LITTLE_ENDIAN);
  if (type === F_UNLCK) return writeLock(reply, wish.start, wish.end, F_UNLCK, 0);
  const start = view.getBigInt64(at + 8, LITTLE_ENDIAN);
  const length = view.getBigInt64(at + 16, LITTLE_ENDIAN);
  const end = length === 0n ? END_OF_FILE : start + length - 1n;
  const pid = view.getInt32(at + 24, LITTLE_ENDIAN);
  return writeLock(reply, start, end, type, pid < 0 ? holderOf(node, wish.owner, { start, end, type }) : pid);
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
  const wish = readLock(request);
  return whenKnown(volume, wish, request, parking, () => {
    const file = volume.files.get(wish.fh);
    return file ? tryLock(volume, file, wish, request.pid, parking) : -ERRNO.EBADF;
  });
};

/** Waits without holding up others; a signal ends the waiting. */
export const setlkw: Operation = (volume, request, _reply, parking) => {
  const wish = readLock(request);
  const file = volume.files.get(wish.fh);
  if (!file) return -ERRNO.EBADF;
  const range = (wish.flags & LK_FLOCK) !== 0 ? undefined : wish;
  const waiter: LockWaiter = { node: file.node, owner: wish.owner, range, parked: undefined, tries: 0 };
  return whenKnown(volume, wish, request, parking, (later) => waitFor(volume, later, waiter, wish, parking));
};

/** A lock that is taken is marked with whose it is, which can be told when the thread that asks sleeps. */
function whenKnown(
  volume: Volume,
  wish: Wish,
  request: Request,
  parking: Parking,
  go: (request: Request) => Handling,
): Handling {
  return wish.type === F_UNLCK ? go(request) : onceAsleep(volume.identity, request, parking, go);
}

function waitFor(
  volume: Volume,
  request: Request,
  waiter: LockWaiter,
  wish: Wish,
  parking: Parking,
): Handling {
  volume.lockWaiters.remove(waiter);
  const file = volume.files.get(wish.fh);
  if (!file) return -ERRNO.EBADF;
  const result = tryLock(volume, file, wish, request.pid, parking);
  if (result !== -ERRNO.EAGAIN) return result;
  if (waiter.range && volume.lockWaiters.wouldDeadlock(file.node, wish.owner, waiter.range))
    return -ERRNO.EDEADLK;
  const pause = Math.min(FIRST_PAUSE * 2 ** waiter.tries++, LONGEST_PAUSE);
  waiter.parked = parking.park(request, pause, (later, _reply, occasion) => {
    if (occasion !== 'signal') return waitFor(volume, later, waiter, wish, parking);
    volume.lockWaiters.remove(waiter);
    return -ERRNO.EINTR;
  });
  volume.lockWaiters.add(waiter);
  return LATER;
}

/** @param tid the thread that asks, and waits for the answer */
function tryLock(volume: Volume, file: OpenFile, wish: Wish, tid: number, parking: Parking): number {
  return (wish.flags & LK_FLOCK) !== 0
    ? tryFlock(volume, file, wish, tid, parking)
    : tryRange(volume, file, wish, tid, parking);
}

function tryFlock(volume: Volume, file: OpenFile, wish: Wish, tid: number, parking: Parking): number {
  const { type } = wish;
  const operation = type === F_WRLCK ? LOCK_EX : type === F_RDLCK ? LOCK_SH : LOCK_UN;
  const result = call2(SYS.flock, file.fd, operation | LOCK_NB);
  if (result === 0) {
    file.flocked = type !== F_UNLCK;
    // Directories are read at the offset.
    if (file.flocked && file.node.type === S.IFREG) mark(volume, file.fd, tid, wish.pid);
    // A lock that became weaker may let others in, too.
    if (type !== F_WRLCK) volume.lockWaiters.hasten(file.node, parking);
  }
  return result;
}

function tryRange(volume: Volume, file: OpenFile, wish: Wish, tid: number, parking: Parking): number {
  const { node } = file;
  let owner = node.lockOwners?.get(wish.owner);
  if (!owner) {
    if (wish.type === F_UNLCK) return 0;
    const fd = lockDescriptor(volume, node);
    if (fd < 0) return fd;
    owner = new LockOwner(fd, file);
    node.lockOwners ??= new Map();
    node.lockOwners.set(wish.owner, owner);
  }
  writeFlock(volume, wish.start, wish.end, wish.type);
  const result = call3(SYS.fcntl, owner.fd, F_OFD_SETLK, volume.scratch.lock);
  if (result >= 0) {
    owner.file = file;
    if (wish.type !== F_UNLCK) mark(volume, owner.fd, tid, wish.pid);
    owner.ranges.set({ start: wish.start, end: wish.end, type: wish.type, pid: wish.pid });
    if (wish.type !== F_WRLCK) volume.lockWaiters.hasten(node, parking);
  }
  if (owner.ranges.empty) dropOwner(node, wish.owner, owner);
  return result;
}

function mark(volume: Volume, descriptor: number, tid: number, pid: number): void {
  // What others do can only be read as root.
  volume.identity.resume();
  markLock(descriptor, tid, pid);
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
