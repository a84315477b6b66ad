import type { Random } from '../random.js';

/** Which of the requests that a rule matches get its fault. */
export interface TriggerTerms {
  /** Of the matches that are left, 0 to 100. Default 100. */
  readonly percent?: number | undefined;
  /** The number of matches that are skipped first. Default 0. */
  readonly after?: number | undefined;
  /** Then each n-th match. Default 1. */
  readonly every?: number | undefined;
  /** The most faults. Default 0, which is no limit. */
  readonly times?: number | undefined;
  /** The numbers of the matches that get the fault, whatever the other terms say. Default: they say it. */
  readonly only?: readonly number[] | undefined;
  /** Makes each draw a function of the seed, the rule and the number of the match. Default: it is random. */
  readonly seed?: number | undefined;
}

/** Counts the matches of one rule, and says for each whether it gets the fault. For one thread. */
export class Trigger {
  readonly #terms: TriggerTerms;
  readonly #rule: number;
  readonly #only: ReadonlySet<number> | undefined;
  #matches = 0;
  #fired = 0;

  /** @param rule its number in the experiment: rules with the same seed draw different numbers */
  constructor(terms: TriggerTerms, rule: number) {
    this.#terms = terms;
    this.#rule = rule;
    this.#only = terms.only && new Set(terms.only);
  }

  /** Number of the match that was asked about last, from 1. */
  get matches(): number {
    return this.#matches;
  }

  /** One more match. @param random is asked if there is no seed */
  fires(random: Random): boolean {
    const { percent = 100, after = 0, every = 1, times = 0, seed } = this.#terms;
    const match = ++this.#matches;
    if (this.#only) return this.#only.has(match);
    if (match <= after || (match - after) % every !== 0) return false;
    if (times > 0 && this.#fired >= times) return false;
    const rolled = seed === undefined ? random() : seededDraw(seed, this.#rule, match);
    if (rolled * 100 >= percent) return false;
    this.#fired++;
    return true;
  }

  /** Decides what else is random about a match, such as damage; undefined without a seed. */
  randomFor(match: number): Random | undefined {
    const { seed } = this.#terms;
    if (seed === undefined) return undefined;
    let roll = 0;
    return () => seededDraw(seed, this.#rule, match, ++roll);
  }
}

/**
 * From 0 up to but not including 1: the finalizer of MurmurHash3 over the four numbers.
 *
 * @param roll whether the match fires is decided by roll 0, other things by those after it
 */
export function seededDraw(seed: number, rule: number, match: number, roll = 0): number {
  let hash = mix(seed | 0) ^ Math.imul(rule + 1, 0x9e3779b9);
  hash = mix(hash) ^ (match | 0);
  hash = mix(hash) ^ Math.floor(match / 2 ** 32);
  hash = mix(hash) ^ roll;
  return (mix(hash) >>> 0) / 2 ** 32;
}

function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
