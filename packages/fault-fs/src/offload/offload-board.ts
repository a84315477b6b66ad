/** How many calls can be pending at a time. */
export const SLOTS = 16;

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
// Indices in the control words: the ticket of the last call, which is also what takers sleep on; how many helpers
// there are; whether to stop; and the state of each slot.
export const LAST_TICKET = 0;
const [READY, STOP, STATE] = [1, 2, 3];
const CONTROL_BYTES = 256;

/** States of a slot. While its call waits for a taker, the state is the call's ticket, an odd number. */
const FREE = 0;
const TAKEN = 2;

/**
 * Shared memory by which the serving thread (the only one that posts) gives system calls to helpers (who take them):
 * a state and sixteen numbers a slot.
 *
 * A call is in its slot from `post` to `free` and nowhere else, and a taker owns it by one exchange of the slot's
 * state. So it does not matter where a taker is preempted, and for how long. Tickets say which call is older.
 */
export class OffloadBoard {
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
    Atomics.notify(this.#control, READY);
  }

  /** How many helpers are there. */
  get helpers(): number {
    return Atomics.load(this.#control, READY);
  }

  /** Waits until this many helpers are there, at most `milliseconds`. */
  awaitHelpers(count: number, milliseconds: number): void {
    const late = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = late - performance.now()) {
      const { helpers } = this;
      if (helpers >= count) return;
      Atomics.wait(this.#control, READY, helpers, left);
    }
  }

  /** @returns a free slot, or -1; always that while no helper is there */
  findFree(): number {
    if (this.helpers === 0) return -1;
    for (let slot = 0; slot < SLOTS; slot++) if (this.#state(slot) === FREE) return slot;
    return -1;
  }

  post(slot: number): void {
    const ticket = (Atomics.load(this.#control, LAST_TICKET) + 2) | 1;
    Atomics.store(this.#control, STATE + slot, ticket);
    Atomics.store(this.#control, LAST_TICKET, ticket);
    Atomics.notify(this.#control, LAST_TICKET, 1);
  }

  /** Takes the oldest call; waits for one or for {@link stop}, at most `milliseconds`. @returns its slot, or -1 */
  take(milliseconds: number): number {
    const last = Atomics.load(this.#control, LAST_TICKET);
    const slot = this.#takeOldest();
    if (slot >= 0) return slot;
    // Returns at once where a call was posted since, or the end came.
    Atomics.wait(this.#control, LAST_TICKET, last, milliseconds);
    return this.#takeOldest();
  }

  #takeOldest(): number {
    for (;;) {
      let oldest = -1;
      let ticket = FREE;
      for (let slot = 0; slot < SLOTS; slot++) {
        const state = this.#state(slot);
        if (state === FREE || state === TAKEN) continue;
        // The difference of 32-bit numbers is right across their overflow.
        if (oldest >= 0 && ((state - ticket) | 0) > 0) continue;
        oldest = slot;
        ticket = state;
      }
      if (oldest < 0) return -1;
      if (Atomics.compareExchange(this.#control, STATE + oldest, ticket, TAKEN) === ticket) return oldest;
    }
  }

  free(slot: number): void {
    Atomics.store(this.#control, STATE + slot, FREE);
  }

  get stopped(): boolean {
    return Atomics.load(this.#control, STOP) !== 0;
  }

  stop(): void {
    Atomics.store(this.#control, STOP, 1);
    // A taker that has not seen the end yet, and is about to sleep, sees another ticket.
    Atomics.add(this.#control, LAST_TICKET, 2);
    Atomics.notify(this.#control, LAST_TICKET);
  }

  /** Whether every slot is free. */
  get idle(): boolean {
    for (let slot = 0; slot < SLOTS; slot++) if (this.#state(slot) !== FREE) return false;
    return true;
  }

  #state(slot: number): number {
    return Atomics.load(this.#control, STATE + slot);
  }
}
