import type { Request } from '@ordeal/fuse';
import { PAGE, PageMemory, ReadableNow } from '@ordeal/linux';
import { type CallerIdentity, WORKS } from '../backing/caller-identity.js';
import type { HelperThreads } from './helper-threads.js';
import type { Offload, OffloadedCall } from './offload.js';
import { FIELD, type OffloadBoard, SLOTS } from './offload-board.js';

/**
 * Offloads to helper threads, which send the answers: they share no state with the serving thread. The way to a helper and back
 * costs as much as a fast disk.
 */
export class HelperOffload implements Offload {
  readonly #device: number;
  readonly #largest: number;
  readonly #helpers: HelperThreads;
  readonly #identity: CallerIdentity;
  readonly #board: OffloadBoard;
  readonly #memory: (PageMemory | undefined)[] = new Array<PageMemory | undefined>(SLOTS).fill(undefined);
  readonly #requests: ReadableNow;

  /**
   * @param helpers at least one
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
    this.#requests = new ReadableNow(device);
  }

  /** How many helpers have started. */
  get started(): number {
    return this.#board.helpers;
  }

  get crowded(): boolean {
    return this.#requests.ask();
  }

  /** -1 also before the first helper has started. */
  reserve(size: number): number {
    if (size > this.#largest) return -1;
    if (this.#helpers.wanted) {
      this.#identity.resume();
      this.#helpers.grow();
    }
    const slot = this.#board.findFree();
    if (slot >= 0) this.#memory[slot] ??= new PageMemory(this.#largest + 2 * PAGE);
    return slot;
  }

  bytes(slot: number): Uint8Array {
    return this.#slot(slot).bytes.subarray(PAGE);
  }

  address(slot: number): number {
    return this.#slot(slot).address + PAGE;
  }

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
    this.#requests.close();
  }

  #slot(slot: number): PageMemory {
    const memory = this.#memory[slot];
    if (!memory) throw new Error(`slot ${slot} was not reserved`);
    return memory;
  }
}
