import type { IoRule } from './io-rule.js';
import { METHOD_COUNT, METHODS, UNNAMED } from './method.js';
import type { RuleCounters } from './rule-counters.js';

type RuleOf<A extends IoRule['action']> = Extract<IoRule, { action: A }>;

interface Numbered<R extends IoRule> {
  readonly index: number;
  readonly rule: R;
}

/** The rules whose path pattern matches some path, sorted out by method. Paths with the same rules share one. */
export interface Selection {
  /** By method: latency, fault and mistake rules in order. */
  readonly byMethod: readonly (readonly Numbered<RuleOf<'latency' | 'fault' | 'mistake'>>[])[];
  readonly overrides: readonly Numbered<RuleOf<'attrOverride'>>[];
  /** Whether a read or write can be met, so that data must not bypass the server. */
  readonly reads: boolean;
  readonly writes: boolean;
}

/** What is to happen to one request. */
export interface Verdict {
  /** Milliseconds before anything else. */
  readonly delay: number;
  /** Instead of the operation; 0 for none. */
  readonly errno: number;
  readonly mistakes: readonly RuleOf<'mistake'>['mistake'][];
}

const NO_MISTAKES: Verdict['mistakes'] = [];

/** Returns numbers from 0 up to but not including 1. */
export type Dice = () => number;

const READ = METHODS.indexOf('read');
const WRITE = METHODS.indexOf('write');

/**
 * All rules of an experiment. Pure but for the dice and the counters: each rule rolls its own dice for each request, in
 * order; delays add up, the first fault wins.
 */
export class RuleSet {
  /** The rules for every path, where no rule has a pattern. */
  readonly everywhere: Selection | undefined;
  readonly #rules: readonly IoRule[];
  readonly #met: readonly boolean[];
  readonly #dice: Dice;
  readonly #counters: RuleCounters;
  readonly #selections = new Map<string, Selection>();
  /** Of each rule, on the clock of `performance.now()`; a rule without one has no deadline. */
  #deadlines: readonly number[] = [];

  constructor(rules: readonly IoRule[], counters: RuleCounters, dice: Dice = Math.random) {
    this.#rules = rules;
    this.#counters = counters;
    this.#dice = dice;
    const all = sortOut(rules.map((rule, index) => ({ index, rule })));
    this.#met = all.byMethod.map((met) => met.length > 0);
    this.everywhere = rules.every(({ matchesPath }) => !matchesPath) ? all : undefined;
  }

  /** Whether a rule can meet requests of this method, on some path. Overrides do not count. */
  meets(method: number): boolean {
    return this.#met[method] ?? false;
  }

  get size(): number {
    return this.#rules.length;
  }

  /** Says when each rule ends by itself, on the clock of `performance.now()`: a rule past its time meets nothing. */
  end(deadlines: readonly number[]): void {
    this.#deadlines = deadlines;
  }

  /** Whether all that rules can meet are reads and writes: then names and attributes may be cached. */
  get onlyData(): boolean {
    const data = new Set<string>(['read', 'write']);
    return this.#rules.every(
      ({ action, methods }) =>
        action !== 'attrOverride' && methods && [...methods].every((name) => data.has(name)),
    );
  }

  /** The rules for any of these spellings of one path. */
  select(...paths: readonly string[]): Selection {
    const matching = this.#rules.flatMap((rule, index) =>
      !rule.matchesPath || paths.some((path) => rule.matchesPath?.(path)) ? [{ index, rule }] : [],
    );
    const key = matching.map(({ index }) => index).join();
    let selection = this.#selections.get(key);
    if (!selection) {
      selection = sortOut(matching);
      this.#selections.set(key, selection);
    }
    return selection;
  }

  /**
   * Rolls the dice for a request.
   *
   * @param now on the clock of `performance.now()`
   * @param whole its bytes must not be damaged: mistakes do not meet it
   *
   * @returns `undefined` where nothing happens to it
   */
  decide(selection: Selection, method: number, now = performance.now(), whole = false): Verdict | undefined {
    const rules = selection.byMethod[method];
    if (rules === undefined || rules.length === 0) return undefined;
    let delay = 0;
    let mistakes = NO_MISTAKES;
    for (const { index, rule } of rules) {
      if (whole && rule.action === 'mistake') continue;
      const left = this.#left(index, now);
      if (left <= 0 || !this.#fires(index, rule, method)) continue;
      if (rule.action === 'fault') return { delay, errno: rule.errno, mistakes: NO_MISTAKES };
      if (rule.action === 'latency') delay += Math.min(rule.milliseconds, left);
      else mistakes = [...mistakes, rule.mistake];
    }
    return delay === 0 && mistakes.length === 0 ? undefined : { delay, errno: 0, mistakes };
  }

  /** Rolls the dice of the overrides for one reply, and calls with those that fire. */
  override(selection: Selection, method: number, each: (attr: RuleOf<'attrOverride'>['attr']) => void): void {
    if (selection.overrides.length === 0) return;
    const now = performance.now();
    for (const { index, rule } of selection.overrides) {
      if (this.#left(index, now) > 0 && this.#fires(index, rule, method)) each(rule.attr);
    }
  }

  /** Milliseconds until a rule ends by itself. */
  #left(index: number, now: number): number {
    return (this.#deadlines[index] ?? Number.POSITIVE_INFINITY) - now;
  }

  #fires(index: number, rule: IoRule, method: number): boolean {
    this.#counters.reached(index, method);
    if (this.#dice() * 100 >= rule.percent) return false;
    this.#counters.fired(index, method);
    return true;
  }
}

function sortOut(matching: readonly Numbered<IoRule>[]): Selection {
  const byMethod = Array.from({ length: METHOD_COUNT }, (_, method) =>
    matching.filter(
      (entry): entry is Numbered<RuleOf<'latency' | 'fault' | 'mistake'>> =>
        entry.rule.action !== 'attrOverride' && meets(entry.rule, method),
    ),
  );
  const overrides = matching.filter(
    (entry): entry is Numbered<RuleOf<'attrOverride'>> => entry.rule.action === 'attrOverride',
  );
  const meetsAny = (method: number) => (byMethod[method]?.length ?? 0) > 0;
  return { byMethod, overrides, reads: meetsAny(READ), writes: meetsAny(WRITE) };
}

function meets(rule: IoRule, method: number): boolean {
  if (rule.action === 'mistake' && !mistaken.has(method)) return false;
  if (!rule.methods) return true;
  const name = METHODS[method];
  return method !== UNNAMED && name !== undefined && rule.methods.has(name);
}

/** The only requests that carry bytes to damage. */
const mistaken = new Set([READ, WRITE, METHODS.indexOf('readlink')]);
