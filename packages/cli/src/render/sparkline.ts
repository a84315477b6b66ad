/** One eighth of a line's height, two eighths, … */
const BARS = '▁▂▃▄▅▆▇█';

/** A bar for each number, the highest as high as the line. Pure. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values.map((value) => BARS[Math.round((value / most) * (BARS.length - 1))] ?? '').join('');
}

/** How many of the last steps a live line shows as bars. */
export const TRAIL = 12;

/** The steps of a count that only grows, newest last. */
export class Steps {
  readonly #most: number;
  readonly #steps: number[] = [];
  #last: bigint;

  /** @param most that are kept @param first the count before the first step */
  constructor(most: number, first = 0n) {
    this.#most = most;
    this.#last = first;
  }

  /** Notes a count. One that is smaller than the last begins anew. @returns the steps until now */
  note(count: bigint): readonly number[] {
    this.#steps.push(Number(count < this.#last ? count : count - this.#last));
    this.#last = count;
    if (this.#steps.length > this.#most) this.#steps.shift();
    return this.#steps;
  }
}
