import { METHOD_COUNT } from './method.js';

/** How often a rule matched, before the random draw, and how often it fired, for one method. */
export interface RuleCount {
  readonly reached: number;
  readonly fired: number;
}

/**
 * Counters by rule and method. Over shared memory, so that another thread can read them while this one serves: a count
 * read meanwhile may be old but never torn.
 */
export class RuleCounters {
  readonly #counts: BigUint64Array;

  /** Bytes that `rules` rules need. */
  static bytesFor(rules: number): number {
    return Math.max(rules, 1) * METHOD_COUNT * 16;
  }

  constructor(memory: SharedArrayBuffer | ArrayBuffer) {
    this.#counts = new BigUint64Array(memory);
  }

  reached(rule: number, method: number): void {
    const at = (rule * METHOD_COUNT + method) * 2;
    this.#counts[at] = (this.#counts[at] ?? 0n) + 1n;
  }

  fired(rule: number, method: number): void {
    const at = (rule * METHOD_COUNT + method) * 2 + 1;
    this.#counts[at] = (this.#counts[at] ?? 0n) + 1n;
  }

  read(rule: number, method: number): RuleCount {
    const at = (rule * METHOD_COUNT + method) * 2;
    return { reached: Number(this.#counts[at] ?? 0n), fired: Number(this.#counts[at + 1] ?? 0n) };
  }
}
