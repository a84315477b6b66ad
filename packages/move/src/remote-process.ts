import { OrdealError } from '@ordeal/diagnostics';
import {
  controlSize,
  ERRNO,
  type Fd,
  type KernelEntry,
  MAX_PASSED,
  openPidfd,
  openThreadPidfd,
  passDescriptors,
  pullDescriptor,
  RECEIVE_FLAGS,
  type RemoteCall,
  RemoteScratch,
  receiveArea,
  receivedDescriptors,
  type StoppedProcess,
  SYS,
  ThreadGone,
  type TracedThread,
} from '@ordeal/linux';

const AF_UNIX = 1;
/** include/uapi/linux/fcntl.h */
const F_DUPFD_CLOEXEC = 1030;
const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000;
/**
 * Descriptors passed at a time: these are open in the process in addition to its own, for less than a millisecond.
 */
export const MAX_GIVEN = 4 * MAX_PASSED;
const AREA_SIZE = 2048;
/** The offset in the payload after the received messages, from which callers may use it. */
export const FREE_PAYLOAD = 4 * AREA_SIZE;

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
    this.run([{ number: SYS.close, args: [ours] }]);
    if (!pulled) throw new ThreadGone(tid);
    this.#ourEnd = pulled;
  }

  /** The address in the process at which {@link DescriptorChannel.writePayload} writes. */
  get payload(): bigint {
    return this.#remote.scratch.payload;
  }

  /** Writes data that calls point to, from {@link FREE_PAYLOAD} on. */
  writePayload(offset: number, bytes: Uint8Array): void {
    this.#remote.scratch.write(offset, bytes);
  }

  /** Makes calls in a thread that uses this table. @throws ThreadGone */
  run(calls: readonly RemoteCall[]): number[] {
    return this.#remote.scratch.run(this.#thread, calls);
  }

  /**
   * Passes descriptors of this process to the other, at most {@link MAX_GIVEN}.
   *
   * @returns the numbers there, all close-on-exec
   * @throws ThreadGone; OrdealError ORD-752 if the process has no room for them
   */
  give(descriptors: readonly number[]): number[] {
    const { scratch } = this.#remote;
    const batches: number[][] = [];
    for (let from = 0; from < descriptors.length; from += MAX_PASSED) {
      batches.push(descriptors.slice(from, from + MAX_PASSED));
    }
    const calls = batches.map((batch, index): RemoteCall => {
      passDescriptors(this.#ourEnd.number, batch);
      const { bytes } = this.#area(index, batch.length);
      scratch.write(index * AREA_SIZE, bytes);
      const area = scratch.payload + BigInt(index * AREA_SIZE);
      return { number: SYS.recvmsg, args: [this.#theirEnd, area, RECEIVE_FLAGS.closeOnExec] };
    });
    const results = this.run(calls);
    const given = batches.flatMap((batch, index) => {
      const { controlOffset } = this.#area(index, batch.length);
      const received = results[index] ?? -1;
      return received < 0
        ? []
        : receivedDescriptors(scratch.read(index * AREA_SIZE + controlOffset, controlSize(batch.length)));
    });
    if (given.length !== descriptors.length) {
      this.run(given.map((number) => ({ number: SYS.close, args: [number] })));
      throw new OrdealError(
        'ORD-752',
        `process ${this.#remote.stopped.pid} has no room for the move's descriptors`,
      );
    }
    return given;
  }

  /**
   * Makes calls that end with descriptors being received, at most {@link MAX_PASSED}, and with more calls.
   *
   * @returns the numbers that they got there; none if the process had no room
   */
  giveAfter(
    before: readonly RemoteCall[],
    descriptors: readonly number[],
    flags: number,
    after: readonly RemoteCall[],
  ): number[] {
    const { scratch } = this.#remote;
    passDescriptors(this.#ourEnd.number, descriptors);
    const { bytes, controlOffset } = this.#area(0, descriptors.length);
    scratch.write(0, bytes);
    const receive: RemoteCall = { number: SYS.recvmsg, args: [this.#theirEnd, scratch.payload, flags] };
    const received = this.run([...before, receive, ...after])[before.length] ?? -1;
    return received < 0
      ? []
      : receivedDescriptors(scratch.read(controlOffset, controlSize(descriptors.length)));
  }

  /**
   * Occupies all free numbers below `limit` that are not among `used` (ascending) with copies of this end.
   *
   * @returns
   * the numbers
   */
  plug(limit: number, used: readonly number[]): number[] {
    const taken = new Set([...used, this.#theirEnd]);
    const free: number[] = [];
    for (let number = 0; number < limit; number++) if (!taken.has(number)) free.push(number);
    const results = this.run(
      free.map(() => ({ number: SYS.fcntl, args: [this.#theirEnd, F_DUPFD_CLOEXEC, 0] })),
    );
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
