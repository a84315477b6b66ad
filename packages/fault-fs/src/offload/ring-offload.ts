import type { Request } from '@ordeal/fuse';
import { call4, ERRNO, type IoUring, PAGE, PageMemory, ReadableNow, RING, SYS } from '@ordeal/linux';
import type { CallerIdentity, Work } from '../backing/caller-identity.js';
import type { Offload, OffloadedCall } from './offload.js';
import { answerFromSlot, type SlotReply } from './slot-reply.js';

/** How many calls can be pending at a time; a power of two. */
export const RING_SLOTS = 64;

/** So many slots keep memory for large payloads, which many calls at a time may need, but not for long. */
const KEPT = 16;
const LARGE = 64 * 1024;

/** IORING_FSYNC_DATASYNC: include/uapi/linux/io_uring.h */
const DATASYNC = 1;
const OPERATIONS: ReadonlyMap<number, { readonly opcode: number; readonly flags: number }> = new Map([
  [SYS.fsync, { opcode: RING.FSYNC, flags: 0 }],
  [SYS.fdatasync, { opcode: RING.FSYNC, flags: DATASYNC }],
  [SYS.pread64, { opcode: RING.READ, flags: 0 }],
  [SYS.pwrite64, { opcode: RING.WRITE, flags: 0 }],
]);

/** The file system cannot say without waiting; the thread that was to make the call was interrupted, or ended. */
const REFUSALS: readonly number[] = [-ERRNO.EAGAIN, -ERRNO.EINTR, -ERRNO.ECANCELED];

/** A pending call, and the request that it is for. */
interface Slot extends SlotReply {
  memory: PageMemory | undefined;
  uniqueLow: number;
  uniqueHigh: number;
  uid: number;
  gid: number;
  pid: number;
  reply: number;
  call: number;
  work: Work | undefined;
  fd: number;
  /** 0 where the call takes none: a ring refuses others then. */
  address: number;
  size: number;
  offset: number;
  /** Whether the kernel was asked for it once more. */
  again: boolean;
}

/** Offloads to the kernel: the serving thread begins calls, and sends the answers when it learns of their results. */
export class RingOffload implements Offload {
  readonly #ring: IoUring;
  readonly #device: number;
  readonly #largest: number;
  readonly #identity: CallerIdentity;
  readonly #requests: ReadableNow;
  readonly #slots: Slot[] = [];
  readonly #free: number[] = [];
  readonly #finish = (slot: number, result: number) => this.#answer(slot, result);

  /**
   * @param ring of the serving thread, for {@link RING_SLOTS}; closed with this
   * @param device the serving thread's `/dev/fuse`
   * @param largest payload of a read or write
   * @param identity of the serving thread
   */
  constructor(ring: IoUring, device: number, largest: number, identity: CallerIdentity) {
    this.#ring = ring;
    this.#device = device;
    this.#largest = largest;
    this.#identity = identity;
    this.#requests = new ReadableNow(device);
  }

  get crowded(): boolean {
    return this.#pending || this.#requests.ask();
  }

  /** A descriptor that is readable when there are results for {@link finish}. */
  get number(): number {
    return this.#ring.number;
  }

  /** Answers the requests whose calls have ended. @returns whether there were any */
  finish(): boolean {
    return this.#pending && this.#ring.take(this.#finish);
  }

  reserve(size: number): number {
    if (size > this.#largest) return -1;
    const number = this.#free.pop() ?? (this.#slots.length < RING_SLOTS ? this.#addSlot() : -1);
    if (number < 0) return -1;
    const slot = this.#slot(number);
    try {
      slot.memory ??= new PageMemory(this.#largest + 2 * PAGE);
    } catch {
      this.#free.push(number);
      return -1;
    }
    return number;
  }

  bytes(slot: number): Uint8Array {
    return this.#memory(slot).bytes.subarray(PAGE);
  }

  address(slot: number): number {
    return this.#memory(slot).address + PAGE;
  }

  send(number: number, request: Request, offloaded: OffloadedCall, ...args: readonly number[]): void {
    const slot = this.#slot(number);
    const [fd = -1, address = 0, size = 0, offset = 0] = args;
    slot.uniqueLow = request.uniqueLow;
    slot.uniqueHigh = request.uniqueHigh;
    slot.uid = request.uid;
    slot.gid = request.gid;
    slot.pid = request.pid;
    slot.reply = offloaded.reply;
    slot.call = offloaded.call;
    slot.work = offloaded.work;
    slot.fd = fd;
    slot.address = address;
    slot.size = size;
    slot.offset = offset;
    slot.again = false;
    try {
      this.#assumeFor(slot);
    } catch (error) {
      this.#free.push(number);
      throw error;
    }
    if (!this.#begin(number, slot)) this.#answer(number, carryOut(slot));
  }

  close(): void {
    while (this.#pending) {
      this.#ring.wait();
      this.finish();
    }
    this.#ring.close();
    this.#requests.close();
    for (const { memory } of this.#slots) memory?.close();
  }

  get #pending(): boolean {
    return this.#free.length < this.#slots.length;
  }

  #addSlot(): number {
    const request = { uniqueLow: 0, uniqueHigh: 0, uid: 0, gid: 0, pid: 0 };
    const call = { reply: 0, call: 0, work: undefined, fd: 0, address: 0, size: 0, offset: 0, again: false };
    return this.#slots.push({ memory: undefined, device: this.#device, ...request, ...call }) - 1;
  }

  /** @returns false if the kernel does not take it */
  #begin(number: number, { call, fd, address, size, offset, again }: Slot): boolean {
    const operation = OPERATIONS.get(call);
    if (!operation) throw new TypeError(`system call ${call} is not for a ring`);
    // Spread syntax would make an object of another shape each time.
    const { opcode, flags } = operation;
    return this.#ring.begin({ opcode, flags, fd, offset, address, length: size, elsewhere: again }, number);
  }

  #answer(number: number, given: number): void {
    const slot = this.#slot(number);
    const retried = REFUSALS.includes(given) ? this.#retry(number, slot) : given;
    if (retried === undefined) return;
    const { address, view } = this.#memory(number);
    answerFromSlot(view, address, slot, retried);
    if (number >= KEPT && slot.size > LARGE) {
      slot.memory?.close();
      slot.memory = undefined;
    }
    this.#free.push(number);
  }

  /** Once more by a thread of the kernel, or else here. @returns the result; undefined if it comes later */
  #retry(number: number, slot: Slot): number | undefined {
    try {
      this.#assumeFor(slot);
      if (!slot.again) {
        slot.again = true;
        if (this.#begin(number, slot)) return undefined;
      }
      return carryOut(slot);
    } catch {
      // Every request needs an answer.
      return -ERRNO.EIO;
    }
  }

  /** Whoever reads or syncs an open file may be anybody. */
  #assumeFor({ call, work, uid, gid, pid }: Slot): void {
    if (work) this.#identity.assume(uid, gid, pid, work);
    else if (call === SYS.pwrite64) this.#identity.resume();
  }

  #memory(number: number): PageMemory {
    const { memory } = this.#slot(number);
    if (!memory) throw new Error(`slot ${number} was not reserved`);
    return memory;
  }

  #slot(number: number): Slot {
    const slot = this.#slots[number];
    if (!slot) throw new Error(`there is no slot ${number}`);
    return slot;
  }
}

/** Here, by the serving thread. A sync takes only the descriptor. */
function carryOut({ call, fd, address, size, offset }: Slot): number {
  return call4(call, fd, address, size, offset);
}
