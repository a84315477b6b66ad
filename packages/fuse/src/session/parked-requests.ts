import { PAGE, PageMemory } from '@ordeal/linux';
import { type Reply, type Request, WRITE_DATA_AT } from '../wire/index.js';
import { DueHeap } from './due-heap.js';
import type { Handling } from './handler.js';

/** Small requests (nearly all) use buffers of this size; larger ones get a buffer of their own size. */
const SMALL = 2 * PAGE;
/** The payload of a WRITE must be page-aligned for direct I/O. */
const START = PAGE - WRITE_DATA_AT;
/** Number of small buffers kept for the next requests. */
const KEPT = 64;

/** Why a parked request is resumed: it is due, all are flushed, or its thread got a signal. */
export type Occasion = 'due' | 'flushed' | 'signal';

/** Answers a request that was parked; may park it again and return LATER. */
export type Resume = (request: Request, reply: Reply, occasion: Occasion) => Handling;

/** A parked request: a copy, because the receive buffer is needed for the next one. */
export interface Parked {
  readonly key: number;
  readonly memory: PageMemory;
  readonly length: number;
  /** On the clock of performance.now(). */
  due: number;
  /** Place in the heap. */
  index: number;
  readonly resume: Resume;
}

/** Requests whose answer is due later, by time and by key. */
export class ParkedRequests {
  readonly #heap = new DueHeap<Parked>();
  readonly #byKey = new Map<number, Parked>();
  readonly #free: PageMemory[] = [];

  get size(): number {
    return this.#heap.size;
  }

  /** When the first one is due; infinity if there is none. */
  get nextDue(): number {
    return this.#heap.first?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Copies the request. The same request may be parked again once it has been taken out. */
  add(request: Request, due: number, resume: Resume): Parked {
    const memory = this.#memoryFor(request.wholeLength);
    request.copyTo(memory.bytes, START);
    const key = request.key;
    const parked = { key, memory, length: request.wholeLength, due, index: -1, resume };
    this.#heap.push(parked);
    this.#byKey.set(parked.key, parked);
    return parked;
  }

  /** Takes out the first one that is due at `now`. */
  takeDue(now: number): Parked | undefined {
    const first = this.#heap.first;
    return first && first.due <= now ? this.#take(first) : undefined;
  }

  takeFirst(): Parked | undefined {
    const first = this.#heap.first;
    return first && this.#take(first);
  }

  takeKey(key: number): Parked | undefined {
    const parked = this.#byKey.get(key);
    return parked && this.#take(parked);
  }

  /** Makes a parked request due at `due`; does nothing if it has been taken out already. */
  reschedule(parked: Parked, due: number): void {
    if (parked.index < 0) return;
    this.#heap.remove(parked);
    parked.due = due;
    this.#heap.push(parked);
  }

  /** Points `request` to the copy, which stays valid until {@link ParkedRequests.recycle}. */
  load(parked: Parked, request: Request): void {
    request.load(parked.memory, START, parked.length);
  }

  /** Releases the memory of a request that was taken out and has been handled. */
  recycle(parked: Parked): void {
    if (parked.memory.length === SMALL && this.#free.length < KEPT) this.#free.push(parked.memory);
    else parked.memory.close();
  }

  close(): void {
    for (let parked = this.takeFirst(); parked; parked = this.takeFirst()) parked.memory.close();
    for (const memory of this.#free.splice(0)) memory.close();
  }

  #take(parked: Parked): Parked {
    this.#heap.remove(parked);
    // A request that was resent has its original key.
    if (this.#byKey.get(parked.key) === parked) this.#byKey.delete(parked.key);
    return parked;
  }

  #memoryFor(length: number): PageMemory {
    if (START + length > SMALL) return new PageMemory(START + length);
    return this.#free.pop() ?? new PageMemory(SMALL);
  }
}
