/** The stack of a BPF program (`MAX_BPF_STACK`). */
const STACK_END = -512;

/** Thrown when the stack is exhausted; caught where emission starts. */
export class StackExhausted extends Error {}

/** A stack slot, as an offset from the frame pointer. */
export interface Slot {
  readonly offset: number;
  readonly size: number;
}

/** Allocates 8-byte aligned slots of the stack below the caller's part. */
export class StackSlots {
  readonly #top: number;
  #free: boolean[] = [];

  /** @param top offset of the caller's lowest byte; a multiple of 8 */
  constructor(top: number) {
    this.#top = top;
  }

  /** @throws StackExhausted */
  take(size = 8): Slot {
    const words = Math.ceil(size / 8);
    const total = (this.#top - STACK_END) / 8;
    for (let first = 0; first + words <= total; first++) {
      const range = Array.from({ length: words }, (_, index) => first + index);
      if (!range.every((word) => this.#free[word] ?? true)) continue;
      for (const word of range) this.#free[word] = false;
      // The stack grows down: the first word of a slot in memory is its lowest.
      return { offset: this.#top - 8 * (first + words), size: 8 * words };
    }
    throw new StackExhausted();
  }

  give(slot: Slot): void {
    const first = (this.#top - slot.offset - slot.size) / 8;
    for (let word = first; word < first + slot.size / 8; word++) this.#free[word] = true;
  }
}
