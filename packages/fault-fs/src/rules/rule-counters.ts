import { METHOD_COUNT } from './method.js';

/** How often a rule matched, before the random draw, and how often it fired, for one method. */
export interface RuleCount {
  readonly reached: number;
  readonly fired: number;
}

/** Of one rule and method: reached, fired, a second of the clock, the longest wait in it, and in the one before. */
const NUMBERS = 5;

/** Counters by rule and method. */
export class RuleCounters {
  /** How many rules are counted. */
  readonly rules: number;
  readonly #counts: Float64Array;

  constructor(rules: number) {
    this.rules = rules;
    this.#counts = new Float64Array(rules * METHOD_COUNT * NUMBERS);
  }

  reached(rule: number, method: number): void {
    this.#add(placeOf(rule, method));
  }

  fired(rule: number, method: number): void {
    this.#add(placeOf(rule, method) + 1);
  }

  /** Notes a request that the rule delayed. @param second since 1970 */
  waited(rule: number, method: number, milliseconds: number, second = secondNow()): void {
    const at = placeOf(rule, method);
    const longest = this.#longest(at, second);
    if (second !== this.#at(at + 2)) {
      this.#set(at + 4, longest.previous);
      this.#set(at + 2, second);
    }
    this.#set(at + 3, Math.max(longest.current, Math.round(milliseconds)));
  }

  read(rule: number, method: number): RuleCount {
    const at = placeOf(rule, method);
    return { reached: this.#at(at), fired: this.#at(at + 1) };
  }

  /** The longest wait of requests that were answered in this second or the one before, in milliseconds; 0 for none. */
  slowest(rule: number, method: number, second = secondNow()): number {
    const { current, previous } = this.#longest(placeOf(rule, method), second);
    return Math.max(current, previous);
  }

  #longest(at: number, second: number): { readonly current: number; readonly previous: number } {
    const age = second - this.#at(at + 2);
    if (age === 0) return { current: this.#at(at + 3), previous: this.#at(at + 4) };
    return { current: 0, previous: age === 1 ? this.#at(at + 3) : 0 };
  }

  #add(at: number): void {
    this.#counts[at] = this.#at(at) + 1;
  }

  #at(at: number): number {
    return this.#counts[at] ?? 0;
  }

  #set(at: number, value: number): void {
    this.#counts[at] = value;
  }
}

function placeOf(rule: number, method: number): number {
  return (rule * METHOD_COUNT + method) * NUMBERS;
}

function secondNow(): number {
  return Math.floor(Date.now() / 1000);
}
