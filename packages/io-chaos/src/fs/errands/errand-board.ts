/** How many errands can be under way at a time. */
export const SLOTS = 16;

/** What the reply's body is made of. */
export const REPLY = {
  /** Nothing: the call's success is the answer (fsync). */
  none: 0,
  /** The bytes that the call put into the slot's memory, as many as it returned (read). */
  bytes: 1,
  /** struct fuse_write_out: the number that the call returned. */
  count: 2,
} as const;

/** Offsets in the numbers of one slot. */
export const FIELD = {
  call: 0,
  /** Six arguments. */
  arguments: 1,
  reply: 7,
  uniqueLow: 8,
  uniqueHigh: 9,
  uid: 10,
  gid: 11,
  pid: 12,
  /** Index in WORKS, or -1 for the server's own identity. */
  work: 13,
  device: 14,
  /** Address of the slot's memory, in which the reply's header goes at PAGE - 16. */
  memory: 15,
} as const;

const FIELDS = 16;
const [AVAILABLE, TAIL, STOP, HEAD, READY, RING] = [0, 1, 2, 3, 4, 5];
const STATE = RING + SLOTS;
const CONTROL_BYTES = 256;

/**
 * Shared memory by which the serving thread (the only one that posts) gives system calls to helpers (who take them). A
 * counting semaphore, a ring of slot numbers, and sixteen numbers a slot.
 */
export class ErrandBoard {
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #numbers: Float64Array;

  constructor(memory = new SharedArrayBuffer(CONTROL_BYTES + SLOTS * FIELDS * 8)) {
    this.memory = memory;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.#numbers = new Float64Array(memory, CONTROL_BYTES);
  }

  /** The numbers of a slot: of the poster until it is posted, then of the taker until it is freed. */
  numbers(slot: number): Float64Array {
    return this.#numbers.subarray(slot * FIELDS, (slot + 1) * FIELDS);
  }

  /** A helper is there. */
  enter(): void {
    Atomics.add(this.#control, READY, 1);
  }

  /** @returns a slot that nobody uses, or -1; always that while no helper is there */
  findFree(): number {
    if (Atomics.load(this.#control, READY) === 0) return -1;
    for (let slot = 0; slot < SLOTS; slot++) if (Atomics.load(this.#control, STATE + slot) === 0) return slot;
    return -1;
  }

  post(slot: number): void {
    Atomics.store(this.#control, STATE + slot, 1);
    const head = Atomics.add(this.#control, HEAD, 1);
    Atomics.store(this.#control, RING + (head % SLOTS), slot);
    Atomics.add(this.#control, AVAILABLE, 1);
    Atomics.notify(this.#control, AVAILABLE, 1);
  }

  /** Waits at most `milliseconds`. @returns a slot, or -1 where there was none in time */
  take(milliseconds: number): number {
    for (let tries = 0; tries < 2; tries++) {
      for (;;) {
        const available = Atomics.load(this.#control, AVAILABLE);
        if (available === 0) break;
        if (Atomics.compareExchange(this.#control, AVAILABLE, available, available - 1) !== available)
          continue;
        const tail = Atomics.add(this.#control, TAIL, 1);
        return Atomics.load(this.#control, RING + (tail % SLOTS));
      }
      if (tries === 0) Atomics.wait(this.#control, AVAILABLE, 0, milliseconds);
    }
    return -1;
  }

  free(slot: number): void {
    Atomics.store(this.#control, STATE + slot, 0);
  }

  get stopped(): boolean {
    return Atomics.load(this.#control, STOP) !== 0;
  }

  stop(): void {
    Atomics.store(this.#control, STOP, 1);
    Atomics.notify(this.#control, AVAILABLE);
  }

  /** Whether every slot is free. */
  get idle(): boolean {
    for (let slot = 0; slot < SLOTS; slot++)
      if (Atomics.load(this.#control, STATE + slot) !== 0) return false;
    return true;
  }
}
