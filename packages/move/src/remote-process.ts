import { OrdealError } from '@ordeal/diagnostics';
import {
  controlSize,
  ERRNO,
  type Fd,
  type KernelEntry,
  MAX_CALLS,
  MAX_PASSED,
  openPidfd,
  openThreadPidfd,
  passDescriptors,
  pullDescriptor,
  RECEIVE_FLAGS,
  RemoteScratch,
  receiveArea,
  receivedDescriptors,
  type StoppedProcess,
  SYS,
  type TableCall,
  ThreadGone,
  type TracedThread,
} from '@ordeal/linux';

const AF_UNIX = 1;
/** include/uapi/linux/fcntl.h */
const F_DUPFD_CLOEXEC = 1030;
const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000;
/** Messages with descriptors that are received in one run. */
const MAX_GIFTS = 4;
/**
 * Descriptors passed at a time: these are open in the process in addition to its own, for less than a millisecond.
 */
export const MAX_GIVEN = MAX_GIFTS * MAX_PASSED;
const AREA_SIZE = 2048;
/** The offset in the payload after the received messages, from which callers may use it. */
export const FREE_PAYLOAD = MAX_GIFTS * AREA_SIZE;

/** Descriptors of this process that another one is made to receive, at most {@link MAX_PASSED}. */
export interface Gift {
  /** Calls that it makes before, and after. */
  readonly before: readonly TableCall[];
  readonly descriptors: readonly number[];
  /** How they are received: {@link RECEIVE_FLAGS}. */
  readonly flags: number;
  readonly after: readonly TableCall[];
}

/**
 * A stopped process that can be made to run system calls: with scratch memory in it, and a socket to pass it
 * descriptors.
 */
export class RemoteProcess {
  readonly stopped: StoppedProcess;
  readonly scratch: RemoteScratch;
  readonly #channels = new Map<number, DescriptorChannel>();

  /** @throws ThreadGone, OrdealError ORD-752 */
  constructor(stopped: StoppedProcess, entry: KernelEntry) {
    const [thread] = stopped.threads;
    if (!thread) throw new ThreadGone(stopped.pid);
    this.stopped = stopped;
    this.scratch = RemoteScratch.create(thread, entry);
  }

  /** @throws ThreadGone where there is no such thread */
  thread(tid: number): TracedThread {
    const thread = this.stopped.threads.find((candidate) => candidate.tid === tid);
    if (!thread) throw new ThreadGone(tid);
    return thread;
  }

  /** The channel for passing descriptors to the table that thread `tid` uses. @throws ThreadGone */
  channelOf(tid: number): DescriptorChannel {
    const known = this.#channels.get(tid);
    if (known) return known;
    const channel = new DescriptorChannel(this, tid);
    this.#channels.set(tid, channel);
    return channel;
  }

  /** Closes the channels and unmaps the scratch memory. The process stays stopped. @throws ThreadGone */
  close(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    const [thread] = this.stopped.threads;
    if (thread) this.scratch.close(thread);
  }
}

/**
 * A socket pair that the process was made to create, with one end duplicated here: the process is made to receive
 * what is sent through it. So it can get descriptors that it could not open itself, and several processes can get the
 * same open file description.
 */
export class DescriptorChannel {
  readonly #remote: RemoteProcess;
  readonly #thread: TracedThread;
  readonly #ourEnd: Fd;
  readonly #theirEnd: number;
  /** Calls that may wait until others are made. */
  #later: readonly TableCall[] = [];

  constructor(remote: RemoteProcess, tid: number) {
    this.#remote = remote;
    this.#thread = remote.thread(tid);
    const { scratch, stopped } = remote;
    const [made = -ERRNO.ESRCH] = scratch.run(this.#thread, [
      { number: SYS.socketpair, args: [AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, scratch.payload] },
    ]);
    if (made < 0) {
      throw new OrdealError(
        'ORD-752',
        `process ${stopped.pid} cannot make a socket for the move (errno ${-made})`,
      );
    }
    const [theirs = -1, ours = -1] = new Int32Array(scratch.read(0, 8).buffer);
    this.#theirEnd = theirs;
    const pidfd = tid === stopped.pid ? openPidfd(tid) : openThreadPidfd(tid);
    const pulled = pullDescriptor(pidfd, ours);
    pidfd.close();
    if (!pulled) throw new ThreadGone(tid);
    this.#ourEnd = pulled;
    this.closeLater([ours]);
  }

  /** The address in the process at which {@link DescriptorChannel.writePayload} writes. */
  get payload(): bigint {
    return this.#remote.scratch.payload;
  }

  /** Writes data that calls point to, from {@link FREE_PAYLOAD} on. */
  writePayload(offset: number, bytes: Uint8Array): void {
    this.#remote.scratch.write(offset, bytes);
  }

  /** Makes calls in a thread that uses this table. @returns their results @throws ThreadGone */
  run(calls: readonly TableCall[]): number[] {
    if (calls.length === 0) return [];
    const before = this.#later;
    this.#later = [];
    return this.#remote.scratch.run(this.#thread, [...before, ...calls]).slice(before.length);
  }

  /** Whether calls of one run are all made even if this process dies meanwhile. */
  get callsTogether(): boolean {
    return this.#remote.scratch.hasRoutine;
  }

  /** Closes descriptors of the process with the next calls, or with this channel: for what does no harm where they stay open. */
  closeLater(numbers: readonly number[]): void {
    this.#later = [...this.#later, ...numbers.map((number) => ({ number: SYS.close, args: [number] }))];
  }

  /**
   * Passes descriptors of this process to the other, at most {@link MAX_GIVEN}.
   *
   * @returns the numbers there, all close-on-exec
   * @throws ThreadGone; OrdealError ORD-752 if the process has no room for them, or may not receive them
   */
  give(descriptors: readonly number[]): number[] {
    return this.giveAfter([], descriptors).given;
  }

  /** The same after other calls, whose results it returns, too. */
  giveAfter(
    before: readonly TableCall[],
    descriptors: readonly number[],
  ): { results: number[]; given: number[] } {
    const gifts: Gift[] = [];
    for (let from = 0; from < descriptors.length; from += MAX_PASSED) {
      const some = descriptors.slice(from, from + MAX_PASSED);
      const first = gifts.length === 0 ? before : [];
      gifts.push({ before: first, descriptors: some, flags: RECEIVE_FLAGS.closeOnExec, after: [] });
    }
    const { results, numbers } = this.giveAll(gifts);
    const given = numbers.flat();
    if (given.length !== descriptors.length) {
      this.closeLater(given);
      throw new OrdealError(
        'ORD-752',
        `process ${this.#remote.stopped.pid} has no room for the move's descriptors`,
      );
    }
    return { results, given };
  }

  /**
   * Makes calls between which descriptors are received, all in one run: so none is closed if the process is not made to receive
   * what replaces it. At most {@link MAX_GIFTS}, whose calls fit: see {@link DescriptorChannel.fits}.
   *
   * @returns the results of all calls, and for each gift the numbers that its descriptors got there; none if the process had no
   *   room
   * @throws ThreadGone
   */
  giveAll(gifts: readonly Gift[]): { results: number[]; numbers: number[][] } {
    const { scratch } = this.#remote;
    const calls: TableCall[] = [];
    const received: number[] = [];
    for (const [index, { before, descriptors, flags, after }] of gifts.entries()) {
      passDescriptors(this.#ourEnd.number, descriptors);
      scratch.write(index * AREA_SIZE, this.#area(index, descriptors.length).bytes);
      const area = scratch.payload + BigInt(index * AREA_SIZE);
      received.push(calls.length + before.length);
      calls.push(...before, { number: SYS.recvmsg, args: [this.#theirEnd, area, flags] }, ...after);
    }
    const results = this.run(calls);
    const numbers = gifts.map(({ descriptors: { length } }, index) => {
      if ((results[received[index] ?? -1] ?? -1) < 0) return [];
      const { controlOffset } = this.#area(index, length);
      return receivedDescriptors(scratch.read(index * AREA_SIZE + controlOffset, controlSize(length)));
    });
    return { results, numbers };
  }

  /** Whether one run can make all these calls. */
  fits(gifts: readonly Gift[]): boolean {
    const calls = gifts.reduce((sum, { before, after }) => sum + before.length + 1 + after.length, 0);
    return gifts.length <= MAX_GIFTS && calls + this.#later.length <= MAX_CALLS;
  }

  /**
   * Occupies all free numbers below `limit` with copies of this end.
   *
   * @param used all numbers in use except this end, none twice
   * @returns the numbers that were occupied
   */
  plug(limit: number, used: readonly number[]): number[] {
    const below = used.filter((number) => number < limit).length + (this.#theirEnd < limit ? 1 : 0);
    const copy = { number: SYS.fcntl, args: [this.#theirEnd, F_DUPFD_CLOEXEC, 0] };
    const results = this.run(Array.from({ length: limit - below }, () => copy));
    return results.filter((number) => number >= 0);
  }

  /** Closes both ends. */
  close(): void {
    this.#ourEnd.close();
    this.run([{ number: SYS.close, args: [this.#theirEnd] }]);
  }

  #area(index: number, count: number): ReturnType<typeof receiveArea> {
    return receiveArea(this.#remote.scratch.payload + BigInt(index * AREA_SIZE), count);
  }
}
