import { ERRNO } from '@ordeal/diagnostics';
import { LITTLE_ENDIAN } from './bytes.js';
import { call6 } from './direct-call.js';
import { Fd } from './fd.js';
import { type MappedMemory, mapShared, trySyscall, unmap } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/io_uring.h; COOP_TASKRUN is of Linux 5.19.
const SETUP = { COOP_TASKRUN: 1 << 8, TASKRUN_FLAG: 1 << 9 } as const;
const ENTER_GETEVENTS = 1;
const SQ_TASKRUN = 4;
const OFFSET = { RINGS: 0, ENTRIES: 0x10000000 } as const;
/** struct io_uring_params: entries of both queues, and where in the mapped rings their numbers lie. */
const PARAMS = { size: 120, sqEntries: 0, cqEntries: 4, flags: 8, sq: 40, cq: 80 } as const;
/** struct io_sqring_offsets. */
const SQ = { head: 0, tail: 4, mask: 8, flags: 16, array: 24 } as const;
/** struct io_cqring_offsets. */
const CQ = { head: 0, tail: 4, mask: 8, cqes: 20 } as const;
/** struct io_uring_sqe. */
const SQE = { size: 64, opcode: 0, fd: 4, offset: 8, address: 16, length: 24, flags: 28, tag: 32 } as const;
/** IOSQE_ASYNC, in the byte after the opcode. */
const ASYNC = 1 << 4;
/** struct io_uring_cqe. */
const CQE = { size: 16, tag: 0, result: 8 } as const;
const BELOW = 2 ** 32;

/** The calls that are used here: enum io_uring_op. */
export const RING = { FSYNC: 3, READ: 22, WRITE: 23 } as const;

/** A system call for a ring. */
export interface RingCall {
  /** Of {@link RING}. */
  readonly opcode: number;
  readonly fd: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
  /** Those of the call itself: `rw_flags`, `fsync_flags`. */
  readonly flags: number;
  /** Whether a thread of the kernel makes it, even if that would take no time here. */
  readonly elsewhere?: boolean;
}

/**
 * System calls that the kernel makes while the calling thread does other things (man 7 io_uring). Belongs to the thread that
 * creates it. Memory that a call uses must stay where it is until its result has come.
 *
 * Linux 5.10; 5.19 for results that do not interrupt the thread while it computes. They end a sleep of it that a signal would
 * end, too; ppoll(2) then goes on.
 */
export class IoUring {
  readonly #fd: Fd;
  /** Both rings, and the entries of the first. */
  readonly #memory: readonly [MappedMemory, MappedMemory];
  readonly #results: DataView;
  readonly #entries: DataView;
  /** The rings as words, for numbers that the kernel changes, too. */
  readonly #words: Uint32Array;
  /** Indices of such words. */
  readonly #at: {
    readonly sqTail: number;
    readonly sqFlags: number;
    readonly cqHead: number;
    readonly cqTail: number;
  };
  readonly #sqMask: number;
  readonly #cqMask: number;
  readonly #cqes: number;

  /**
   * A ring for so many calls at a time.
   *
   * @param entries a power of two
   * @returns undefined where this kernel has none, or does not let this process have one (kernel.io_uring_disabled, seccomp)
   */
  static open(entries: number): IoUring | undefined {
    for (const flags of [SETUP.COOP_TASKRUN | SETUP.TASKRUN_FLAG, 0]) {
      const params = new Uint8Array(PARAMS.size);
      const view = new DataView(params.buffer);
      view.setUint32(PARAMS.flags, flags, LITTLE_ENDIAN);
      const number = trySyscall(SYS.io_uring_setup, entries, params);
      if (number >= 0) return IoUring.#map(new Fd(number, 'io_uring'), view);
      if (number !== -ERRNO.EINVAL) return undefined;
    }
    return undefined;
  }

  static #map(fd: Fd, params: DataView): IoUring | undefined {
    try {
      return new IoUring(fd, params);
    } catch {
      fd.close();
      return undefined;
    }
  }

  private constructor(fd: Fd, params: DataView) {
    const field = (at: number) => params.getUint32(at, LITTLE_ENDIAN);
    const [sqEntries, cqEntries] = [field(PARAMS.sqEntries), field(PARAMS.cqEntries)];
    const sq = (at: number) => field(PARAMS.sq + at);
    const cq = (at: number) => field(PARAMS.cq + at);
    this.#fd = fd;
    const length = Math.max(sq(SQ.array) + sqEntries * 4, cq(CQ.cqes) + cqEntries * CQE.size);
    const rings = mapShared(fd.number, length, OFFSET.RINGS, true);
    const entries = mapShared(fd.number, sqEntries * SQE.size, OFFSET.ENTRIES, true);
    this.#memory = [rings, entries];
    this.#results = new DataView(rings.buffer);
    this.#entries = new DataView(entries.buffer);
    this.#words = new Uint32Array(rings.buffer, 0, Math.floor(length / 4));
    this.#at = {
      sqTail: sq(SQ.tail) / 4,
      sqFlags: sq(SQ.flags) / 4,
      cqHead: cq(CQ.head) / 4,
      cqTail: cq(CQ.tail) / 4,
    };
    this.#sqMask = this.#word(sq(SQ.mask) / 4);
    this.#cqMask = this.#word(cq(CQ.mask) / 4);
    this.#cqes = cq(CQ.cqes);
    for (let index = 0; index < sqEntries; index++) this.#words[sq(SQ.array) / 4 + index] = index;
  }

  /** A descriptor that is readable while there is something for {@link take}. */
  get number(): number {
    return this.#fd.number;
  }

  /**
   * Begins a call; as the identity that the thread has now.
   *
   * @param tag comes with its result
   * @returns false if the kernel does not take it
   */
  begin(call: RingCall, tag: number): boolean {
    const tail = this.#word(this.#at.sqTail);
    const at = (tail & this.#sqMask) * SQE.size;
    const view = this.#entries;
    view.setUint32(at + SQE.opcode, call.opcode | (call.elsewhere ? ASYNC << 8 : 0), LITTLE_ENDIAN);
    view.setInt32(at + SQE.fd, call.fd, LITTLE_ENDIAN);
    setNumber(view, at + SQE.offset, call.offset);
    setNumber(view, at + SQE.address, call.address);
    view.setUint32(at + SQE.length, call.length, LITTLE_ENDIAN);
    view.setUint32(at + SQE.flags, call.flags, LITTLE_ENDIAN);
    setNumber(view, at + SQE.tag, tag);
    Atomics.store(this.#words, this.#at.sqTail, tail + 1);
    if (call6(SYS.io_uring_enter, this.#fd.number, 1, 0, 0, 0, 0) === 1) return true;
    Atomics.store(this.#words, this.#at.sqTail, tail);
    return false;
  }

  /** Calls `each` for the results that have come. @returns whether there were any */
  take(each: (tag: number, result: number) => void): boolean {
    const { sqFlags, cqHead, cqTail } = this.#at;
    if ((Atomics.load(this.#words, sqFlags) & SQ_TASKRUN) !== 0)
      call6(SYS.io_uring_enter, this.#fd.number, 0, 0, ENTER_GETEVENTS, 0, 0);
    const first = this.#word(cqHead);
    const last = Atomics.load(this.#words, cqTail);
    const view = this.#results;
    // Numbers of 32 bits that go on from 0.
    for (let head = first; head !== last; head = (head + 1) >>> 0) {
      const at = this.#cqes + (head & this.#cqMask) * CQE.size;
      const tag = view.getUint32(at + CQE.tag, LITTLE_ENDIAN);
      const result = view.getInt32(at + CQE.result, LITTLE_ENDIAN);
      Atomics.store(this.#words, cqHead, head + 1);
      each(tag, result);
    }
    return first !== last;
  }

  /** Waits for results. */
  wait(): void {
    const result = call6(SYS.io_uring_enter, this.#fd.number, 0, 1, ENTER_GETEVENTS, 0, 0);
    if (result < 0 && result !== -ERRNO.EINTR) throw new SyscallError('io_uring_enter', -result);
  }

  /** Nothing may be in progress. */
  close(): void {
    for (const memory of this.#memory) unmap(memory);
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #word(index: number): number {
    return this.#words[index] ?? 0;
  }
}

function setNumber(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % BELOW, LITTLE_ENDIAN);
  view.setUint32(at + 4, Math.floor(value / BELOW), LITTLE_ENDIAN);
}
