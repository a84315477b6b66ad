/** Faults in equal parts of time. Data that can go over a wire. */
export interface FaultBins {
  /** When the first part begins, milliseconds since 1970. */
  readonly since: number;
  /** Milliseconds of each part. */
  readonly width: number;
  readonly counts: readonly number[];
}

/** Parts that are kept: when there would be more, each two become one. */
const MOST = 240;
/** Milliseconds of a part at first. */
const FIRST_WIDTH = 500;

/** How often faults happened since a moment: as exact as there is room for, however long it takes. */
export class FaultHistory {
  readonly #since: number;
  #width = FIRST_WIDTH;
  #counts: number[] = [];
  #last: number;

  /**
   * @param since milliseconds since 1970
   * @param fired the faults until then
   */
  constructor(since: number, fired = 0) {
    this.#since = since;
    this.#last = fired;
  }

  /**
   * Notes how many faults there were until now. What is new happened at some time since the last note, and is spread evenly
   * over it.
   *
   * @param at milliseconds since 1970; a clock that was set back counts as standing still
   * @param fired since the beginning, a number that only grows
   */
  note(at: number, fired: number): void {
    const passed = Math.max(0, at - this.#since);
    while (Math.floor(passed / this.#width) >= MOST) this.#fold();
    const first = Math.max(0, this.#counts.length - 1);
    const last = Math.max(first, Math.floor(passed / this.#width));
    while (this.#counts.length <= last) this.#counts.push(0);
    const fresh = Math.max(0, fired - this.#last);
    const begin = last > first ? first + 1 : first;
    const parts = last - begin + 1;
    for (let part = 0; part < parts; part++) {
      const share = Math.floor((fresh * (part + 1)) / parts) - Math.floor((fresh * part) / parts);
      this.#counts[begin + part] = (this.#counts[begin + part] ?? 0) + share;
    }
    this.#last = Math.max(this.#last, fired);
  }

  get bins(): FaultBins {
    return { since: this.#since, width: this.#width, counts: [...this.#counts] };
  }

  #fold(): void {
    const half = Math.ceil(this.#counts.length / 2);
    this.#counts = Array.from(
      { length: half },
      (_, index) => (this.#counts[2 * index] ?? 0) + (this.#counts[2 * index + 1] ?? 0),
    );
    this.#width *= 2;
  }
}
