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
  SYS,
  type TableCall,
} from '@ordeal/linux';
import type { Description } from './description.js';
import { mayBeLocked, type TransferContext, transferState } from './description-state.js';
import type { FileTable, HeldDescriptor } from './file-table.js';
import { type DescriptorChannel, FREE_PAYLOAD, type Gift, MAX_GIVEN } from './remote-process.js';

const F_GETFD = 1;
const F_SETFD = 2;
/**
 * The number of free descriptors below the highest one that are filled temporarily; if there are more, copies are
 * made instead.
 */
const MAX_PLUGS = 500;
/** For fewer, copies are as cheap: the server is told of each that is closed. */
const MIN_REFILLED = 3;
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
    if (!heldLocks) context.seenLocks.set(description, locks);
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
    if (entry.stays === undefined) transferState(entry.description, context);
    const { state } = entry.description;
    const reason = entry.stays ?? (state.kind === 'left' ? state.reason : undefined);
    if (reason !== undefined) leave(entry, reason);
  }
  const moving = held.filter((entry) => !left.has(entry));
  const probe = mayRefill(table, channel, moving) ? moving.slice(0, 1).map(sourceOf) : [];
  const { closedOnExec, probes } = inquire(channel, moving, probe);
  const others = probes.length > 0 ? refill(table, channel, moving, { closedOnExec, probes }) : moving;
  for (let from = 0; from < others.length; from += MAX_GIVEN) {
    replace(channel, others.slice(from, from + MAX_GIVEN), closedOnExec, successorOf, leave);
  }
  for (const { number, description } of moving) confirmLocks(channel, number, description);
  for (const { entry } of locks) context.heldLocks?.release(entry.description.old.number, table.pid);
  takeLocks(channel, locks, closedOnExec, leave);
  return held.length - left.size;
}

const successorOf = ({ state }: Description): Fd | undefined =>
  'successor' in state ? state.successor : undefined;

/** The numbers of descriptors with FD_CLOEXEC. */
type ClosedOnExec = ReadonlySet<number>;

/**
 * Asks for the flags of descriptors, and makes the process receive a first successor if it will have to receive others.
 *
 * @throws OrdealError ORD-752 if the process may not receive it
 */
function inquire(
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  probe: readonly number[],
): { closedOnExec: ClosedOnExec; probes: number[] } {
  const questions = entries.map(({ number }): TableCall => ({ number: SYS.fcntl, args: [number, F_GETFD] }));
  const { results, given } =
    probe.length > 0 ? channel.giveAfter(questions, probe) : { results: channel.run(questions), given: [] };
  const closedOnExec = new Set<number>();
  for (const [index, { number }] of entries.entries()) {
    if ((Math.max(results[index] ?? 0, 0) & FD_CLOEXEC) !== 0) closedOnExec.add(number);
  }
  return { closedOnExec, probes: given };
}

function mayRefill(
  table: FileTable,
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
): boolean {
  return (
    channel.callsTogether &&
    entries.length >= MIN_REFILLED &&
    limitOf(entries) - table.numbers.length <= MAX_PLUGS
  );
}

/** Above all their numbers. */
function limitOf(entries: readonly HeldDescriptor[]): number {
  return entries.reduce((limit, { number }) => Math.max(limit, number + 1), 0);
}

/**
 * Closes descriptors and makes the process receive the successors, which get the lowest free numbers: exactly the
 * same ones if all other free numbers below are occupied meanwhile. So only of one successor, the probe, a second
 * descriptor is closed; each such close is a request to the server, while the process is stopped. A routine that loses its
 * tracer still ends with all descriptors in place, since they were sent before anything is closed.
 *
 * @param probes what the process has received already: nothing is closed where it may not
 * @returns the entries for which this failed
 */
function refill(
  table: FileTable,
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  { closedOnExec, probes }: { closedOnExec: ClosedOnExec; probes: readonly number[] },
): readonly HeldDescriptor[] {
  const sorted = [...entries].sort((a, b) => a.number - b.number);
  const plugs = [...probes, ...channel.plug(limitOf(entries), [...table.numbers, ...probes])];
  const given = exchange(channel, sorted, closedOnExec, plugs);
  const missed = sorted.filter(({ number }, index) => given[index] !== number);
  if (missed.length === 0) return missed;
  // Another process uses this table, too: descriptors with a wrong number are closed, and copies are made instead.
  const wanted = new Set(sorted.map(({ number }) => number));
  channel.closeLater(given.filter((number) => number >= 0 && !wanted.has(number)));
  return missed;
}

/**
 * Exchanges all in as few runs as possible, of which the last one also closes the plugs: a program must not keep them, whatever
 * happens to the mover.
 *
 * @returns the number that each successor got, or -1
 */
function exchange(
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  closedOnExec: ClosedOnExec,
  plugs: readonly number[],
): number[] {
  const gifts: Gift[] = [];
  for (let from = 0; from < entries.length; from += MAX_PASSED) {
    const gift = giftFor(entries.slice(from, from + MAX_PASSED), closedOnExec);
    const isLast = from + MAX_PASSED >= entries.length;
    gifts.push(isLast ? { ...gift, after: [...gift.after, ...plugs.map(closing)] } : gift);
  }
  const given: number[] = [];
  while (gifts.length > 0) {
    let count = 1;
    while (count < gifts.length && channel.fits(gifts.slice(0, count + 1))) count++;
    const some = gifts.splice(0, count);
    const { numbers } = channel.giveAll(some);
    for (const [index, { descriptors }] of some.entries()) {
      given.push(...descriptors.map((_, position) => numbers[index]?.[position] ?? -1));
    }
  }
  return given;
}

/** The successors of these, in exchange for what the process closes before. */
function giftFor(entries: readonly HeldDescriptor[], closedOnExec: ClosedOnExec): Gift {
  const before: TableCall[] = [];
  const descriptors: number[] = [];
  const kept: number[] = [];
  const closed: number[] = [];
  for (const entry of entries) {
    before.push(closing(entry.number));
    descriptors.push(sourceOf(entry));
    (closedOnExec.has(entry.number) ? closed : kept).push(entry.number);
  }
  const mostKept = kept.length >= closed.length;
  const setting = mostKept ? FD_CLOEXEC : 0;
  return {
    before,
    descriptors,
    flags: mostKept ? RECEIVE_FLAGS.keepOnExec : RECEIVE_FLAGS.closeOnExec,
    after: (mostKept ? closed : kept).map((number) => ({
      number: SYS.fcntl,
      args: [number, F_SETFD, setting],
    })),
  };
}

const closing = (number: number): TableCall => ({ number: SYS.close, args: [number] });

const sourceOf = (entry: HeldDescriptor | undefined): number =>
  (entry && successorOf(entry.description)?.number) ?? -1;

function replace(
  channel: DescriptorChannel,
  entries: readonly HeldDescriptor[],
  closedOnExec: ClosedOnExec,
  source: (description: Description) => Fd | undefined,
  leave: Leave,
): void {
  const distinct = [...new Set(entries.map((entry) => entry.description))];
  const ours = distinct.map((description) => source(description)?.number ?? -1);
  const given = channel.give(ours);
  const theirs = new Map(distinct.map((description, index) => [description, given[index] ?? -1]));
  const results = channel.run([
    ...entries.map(({ number, description }): TableCall => {
      const closeOnExec = closedOnExec.has(number) ? O_CLOEXEC : 0;
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
  closedOnExec: ClosedOnExec,
  leave: Leave,
): void {
  for (const { entry, lock } of locks) {
    const result = setLock(channel, entry.number, lock);
    if (result >= 0) continue;
    const reason = `its lock cannot be taken on the new side (${errnoName(-result)})`;
    leave(entry, reason);
    replace(channel, [entry], closedOnExec, (description) => description.old, leave);
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
