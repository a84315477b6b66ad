import type { Fd } from '@ordeal/linux';
import {
  errnoName,
  F_SETLK,
  type FileLock,
  lockStructure,
  MAX_PASSED,
  O_CLOEXEC,
  O_PATH,
  parseLocks,
  RECEIVE_FLAGS,
  type RemoteCall,
  SYS,
} from '@ordeal/linux';
import type { Description } from './description.js';
import { mayBeLocked, type TransferContext, transferState } from './description-state.js';
import type { FileTable, HeldDescriptor } from './file-table.js';
import { type DescriptorChannel, FREE_PAYLOAD, MAX_GIVEN } from './remote-process.js';

const F_GETFD = 1;
const F_SETFD = 2;
/**
 * The number of free descriptors below the highest one that are filled temporarily; if there are more, copies are
 * made instead.
 */
const MAX_PLUGS = 500;
/** For fewer, copies are as cheap. */
const MIN_REFILLED = 8;
const FD_CLOEXEC = 1;
const O_ACCMODE = 3;
/** include/uapi/asm-generic/fcntl.h */
const F_OFD_SETLK = 37;
/** man 2 flock */
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;

type Leave = (entry: HeldDescriptor, reason: string) => void;

/** A lock that belongs to a process, and the descriptor through which it was taken. */
export interface ProcessLock {
  readonly entry: HeldDescriptor;
  readonly lock: FileLock;
}

/**
 * The locks that the process itself has through these descriptors. To be read before anything is closed in it: a
 * process loses its locks on a file when it closes any descriptor of that file.
 */
export function processLocks(
  table: FileTable,
  held: readonly HeldDescriptor[],
  context: TransferContext,
): ProcessLock[] {
  const { heldLocks } = context;
  const candidates = heldLocks
    ? firstOfEachInode(held)
    : held.filter(({ description }) => mayBeLocked(context, description.lockInode));
  return candidates.flatMap((entry) => {
    const { number, description } = entry;
    const locks = heldLocks
      ? heldLocks.locksOf(description.old.number, table.pid)
      : parseLocks(table.fdinfo(number));
    return locks.filter((lock) => lock.kind === 'POSIX').map((lock) => ({ entry, lock }));
  });
}

/** A process's locks belong to the file, through whichever descriptor they were taken. */
function firstOfEachInode(held: readonly HeldDescriptor[]): HeldDescriptor[] {
  const writableFirst = [...held].sort((a, b) => accessMode(b) - accessMode(a));
  return [...new Map(writableFirst.reverse().map((entry) => [entry.description.lockInode, entry])).values()];
}

/** 0 for reading only, 1 for writing only, 2 for both. */
function accessMode({ description }: HeldDescriptor): number {
  return description.flags & O_PATH ? -1 : description.flags & O_ACCMODE;
}

/**
 * Replaces the descriptors of one table with their successors, and takes the locks again. All processes that share a
 * description with it are stopped, and everything else in the process has been moved.
 *
 * @returns how many were replaced; for the others {@link FileTable} has the reason
 * @throws ThreadGone, OrdealError ORD-752
 */
export function installDescriptors(
  table: FileTable,
  channel: DescriptorChannel,
  held: readonly HeldDescriptor[],
  locks: readonly ProcessLock[],
  context: TransferContext,
): number {
  const left = new Set<HeldDescriptor>();
  const leave: Leave = (entry, reason) => {
    table.leave(entry.number, reason);
    left.add(entry);
  };
  for (const entry of held) {
    const reason = entry.stays ?? transfer(entry.description, context);
    if (reason !== undefined) leave(entry, reason);
  }
  const moving = held.filter((entry) => !left.has(entry));
  const flags = flagsOf(channel, moving);
  const others = refill(table, channel, moving, flags);
  for (let from = 0; from < others.length; from += MAX_GIVEN) {
    replace(channel, others.slice(from, from + MAX_GIVEN), flags, successorOf, leave);
  }
  for (const { number, description } of moving) confirmLocks(channel, number, description);
  for (const { entry } of locks) context.heldLocks?.release(entry.description.old.number, table.pid);
  takeLocks(channel, locks, flags, leave);
  return held.length - left.size;
}

function transfer(description: Description, context: TransferContext): string | undefined {
  if (description.state.kind === 'left') return description.state.reason;
  const reason = transferState(description, context);
  if (reason === undefined || description.state.kind !== 'fresh') return reason;
  description.state.successor.close();
  description.state = { kind: 'left', reason };
  return reason;
}

const successorOf = ({ state }: Description): Fd | undefined =>
  'successor' in state ? state.successor : undefined;

/** FD_CLOEXEC or 0, by number. */
type DescriptorFlags = ReadonlyMap<number, number>;

function flagsOf(channel: DescriptorChannel, entries: readonly HeldDescriptor[]): DescriptorFlags {
  const results = channel.run(
    entries.map(({ number }): RemoteCall => ({ number: SYS.fcntl, args: [number, F_GETFD] })),
  );
  return new Map(entries.map(({ number }, index) => [number, Math.max(results[index] ?? 0, 0) & FD_CLOEXEC]));
}

/**
 * Closes descriptors and makes the process receive the successors, which get the lowest free numbers: exactly the
 * same ones if all other free numbers below are occupied meanwhile. So no second descriptor of a successor is ever
 * closed; each such close would be a request to the server, a thousand times while the process is stopped. A routine
 * that loses its tracer still ends with all descriptors in place, since they were sent before anything is closed.
 *
 * @returns the entries for which this was not possible or failed
 * @throws OrdealError ORD-752 if the process may not receive them; nothing has been closed then
 */
function refill(
  table: FileTable,
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  flags: DescriptorFlags,
): readonly HeldDescriptor[] {
  const sorted = [...entries].sort((a, b) => a.number - b.number);
  const limit = (sorted.at(-1)?.number ?? 0) + 1;
  if (sorted.length < MIN_REFILLED || limit - table.numbers.length > MAX_PLUGS) return entries;
  const probes = channel.give([sourceOf(sorted[0])]);
  const plugs = [...probes, ...channel.plug(limit, [...table.numbers, ...probes])];
  const missed: HeldDescriptor[] = [];
  for (let from = 0; from < sorted.length; from += MAX_PASSED) {
    missed.push(...refillSome(channel, sorted.slice(from, from + MAX_PASSED), flags));
  }
  channel.run(plugs.map(closing));
  return missed;
}

function refillSome(
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  flags: DescriptorFlags,
): readonly HeldDescriptor[] {
  const numbers = entries.map(({ number }) => number);
  const closed = numbers.filter((number) => flags.get(number) === FD_CLOEXEC);
  const most = closed.length * 2 > numbers.length ? FD_CLOEXEC : 0;
  const given = channel.giveAfter(
    numbers.map(closing),
    entries.map(sourceOf),
    most === 0 ? RECEIVE_FLAGS.keepOnExec : RECEIVE_FLAGS.closeOnExec,
    numbers
      .filter((number) => flags.get(number) !== most)
      .map((number): RemoteCall => ({ number: SYS.fcntl, args: [number, F_SETFD, FD_CLOEXEC - most] })),
  );
  const missed = entries.filter(({ number }, index) => given[index] !== number);
  // Another process uses this table, too: descriptors with a wrong number are closed, and copies are made instead.
  if (missed.length > 0) channel.run(given.filter((number) => !numbers.includes(number)).map(closing));
  return missed;
}

const closing = (number: number): RemoteCall => ({ number: SYS.close, args: [number] });

const sourceOf = (entry: HeldDescriptor | undefined): number =>
  (entry && successorOf(entry.description)?.number) ?? -1;

function replace(
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  flags: DescriptorFlags,
  source: (description: Description) => Fd | undefined,
  leave: Leave,
): void {
  const distinct = [...new Set(entries.map((entry) => entry.description))];
  const ours = distinct.map((description) => source(description)?.number ?? -1);
  const given = channel.give(ours);
  const theirs = new Map(distinct.map((description, index) => [description, given[index] ?? -1]));
  const results = channel.run([
    ...entries.map(({ number, description }): RemoteCall => {
      const closeOnExec = flags.get(number) === FD_CLOEXEC ? O_CLOEXEC : 0;
      return { number: SYS.dup3, args: [theirs.get(description) ?? -1, number, closeOnExec] };
    }),
    ...given.map(closing),
  ]);
  for (const [index, entry] of entries.entries()) {
    const result = results[index] ?? 0;
    if (result < 0) leave(entry, `cannot be replaced (${errnoName(-result)})`);
  }
}

/**
 * Takes a description's locks again, now by the process itself, so that the owner of the locks is known on the new
 * side.
 */
function confirmLocks(channel: DescriptorChannel, number: number, description: Description): void {
  for (const lock of description.locks ?? []) {
    if (lock.kind === 'FLOCK') {
      const operation = (lock.exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
      channel.run([{ number: SYS.flock, args: [number, operation] }]);
    } else setLock(channel, number, lock, F_OFD_SETLK);
  }
  description.locks = [];
}

/** Takes a process's locks again; if one is refused, its descriptor is moved back to the old side. */
function takeLocks(
  channel: DescriptorChannel,
  locks: readonly ProcessLock[],
  flags: DescriptorFlags,
  leave: Leave,
): void {
  for (const { entry, lock } of locks) {
    const result = setLock(channel, entry.number, lock);
    if (result >= 0) continue;
    const reason = `its lock cannot be taken on the new side (${errnoName(-result)})`;
    leave(entry, reason);
    replace(channel, [entry], flags, (description) => description.old, leave);
    if (setLock(channel, entry.number, lock) < 0) leave(entry, `${reason} and was lost to another process`);
  }
}

function setLock(
  channel: DescriptorChannel,
  number: number,
  lock: FileLock,
  command: number = F_SETLK,
): number {
  channel.writePayload(FREE_PAYLOAD, lockStructure(lock));
  const args = [number, command, channel.payload + BigInt(FREE_PAYLOAD)];
  return channel.run([{ number: SYS.fcntl, args }])[0] ?? -1;
}

/** For messages. */
export function describe({ number, description }: HeldDescriptor): string {
  return `descriptor ${number} (${description.path})`;
}
