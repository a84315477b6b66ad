import type { Request } from '@ordeal/fuse';
import { call5, LITTLE_ENDIAN, PAGE, PageMemory, SYS } from '@ordeal/linux';
import { type CallerIdentity, WORKS, type Work } from '../backing/caller-identity.js';
import type { HelperThreads } from './helper-threads.js';
import { FIELD, type OffloadBoard, REPLY, SLOTS } from './offload-board.js';

/** include/uapi/asm-generic/poll.h */
const POLLIN = 1;

/** A system call to be made for a request; its arguments may not be bigints. */
export interface OffloadedCall {
  readonly call: number;
  /** The reply's body; see {@link REPLY}. */
  readonly reply: number;
  /** The identity to assume; `undefined` for the server's own. */
  readonly work: Work | undefined;
}

/**
 * Helpers for system calls that may take long: the serving thread continues with other requests, and the helper sends
 * the answer. Only calls on open files are offloaded, which the kernel keeps open until they are answered; nothing
 * that names nodes, so helpers share no state with the serving thread.
 */
export class Offload {
  readonly #device: number;
  readonly #largest: number;
  readonly #helpers: HelperThreads;
  readonly #identity: CallerIdentity;
  readonly #board: OffloadBoard;
  readonly #memory: (PageMemory | undefined)[] = new Array<PageMemory | undefined>(SLOTS).fill(undefined);
  readonly #poll = new PageMemory(64);

  /**
   * @param device the serving thread's `/dev/fuse`: answers go where their requests came from
   * @param largest payload of a read or write
   * @param identity of the serving thread
   */
  constructor(device: number, helpers: HelperThreads, largest: number, identity: CallerIdentity) {
    this.#helpers = helpers;
    this.#identity = identity;
    this.#board = helpers.board;
    this.#device = device;
    this.#largest = largest;
    this.#poll.view.setInt32(0, device, LITTLE_ENDIAN);
    this.#poll.view.setInt16(4, POLLIN, LITTLE_ENDIAN);
  }

  /** How many helpers have started. */
  get started(): number {
    return this.#board.helpers;
  }

  /** Whether other requests wait, which would wait for a call made on this thread. */
  get crowded(): boolean {
    // A struct timespec of zeros at 16.
    return call5(SYS.ppoll, this.#poll.address, 1, this.#poll.address + 16, 0, 0) > 0;
  }

  /** A slot to put the bytes of a call in, or -1 where the thread must do without, as before the first helper has started. */
  reserve(size: number): number {
    if (this.#helpers.most === 0 || size > this.#largest) return -1;
    if (this.#helpers.wanted) {
      this.#identity.resume();
      this.#helpers.grow();
    }
    const slot = this.#board.findFree();
    if (slot >= 0) this.#memory[slot] ??= new PageMemory(this.#largest + 2 * PAGE);
    return slot;
  }

  /** Page-aligned room for a payload. */
  bytes(slot: number): Uint8Array {
    return this.#slot(slot).bytes.subarray(PAGE);
  }

  address(slot: number): number {
    return this.#slot(slot).address + PAGE;
  }

  /** Hands the call to a helper thread, which answers the request. */
  send(slot: number, request: Request, offloaded: OffloadedCall, ...args: readonly number[]): void {
    const numbers = this.#board.numbers(slot);
    numbers.fill(0);
    numbers[FIELD.call] = offloaded.call;
    numbers.set(args, FIELD.arguments);
    numbers[FIELD.reply] = offloaded.reply;
    numbers[FIELD.uniqueLow] = request.uniqueLow;
    numbers[FIELD.uniqueHigh] = request.uniqueHigh;
    numbers[FIELD.uid] = request.uid;
    numbers[FIELD.gid] = request.gid;
    numbers[FIELD.pid] = request.pid;
    numbers[FIELD.work] = offloaded.work === undefined ? -1 : WORKS.indexOf(offloaded.work);
    numbers[FIELD.device] = this.#device;
    numbers[FIELD.memory] = this.#slot(slot).address;
    this.#board.post(slot);
  }

  /** Waits for pending calls and ends the helpers. */
  close(): void {
    const nap = new Int32Array(new SharedArrayBuffer(4));
    while (!this.#board.idle) Atomics.wait(nap, 0, 0, 1);
    this.#board.stop();
    for (const memory of this.#memory) memory?.close();
    this.#poll.close();
  }

  #slot(slot: number): PageMemory {
    const memory = this.#memory[slot];
    if (!memory) throw new Error(`slot ${slot} was not reserved`);
    return memory;
  }
}

export { REPLY };
