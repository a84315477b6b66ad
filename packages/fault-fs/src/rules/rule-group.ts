import type { DamageMemory } from './damage-memory.js';
import { Delay } from './delay.js';
import type { FaultLog } from './fault-log.js';
import type { IoRule } from './io-rule.js';
import { METHOD_COUNT } from './method.js';
import { type RuleCount, RuleCounters } from './rule-counters.js';
import { Space } from './space.js';
import { StaleBlocks } from './stale-blocks.js';
import { StickyDamage } from './sticky-damage.js';
import { Throughput } from './throughput.js';
import { Trigger } from './trigger.js';

export interface RuleGroupOptions {
  readonly rules: readonly IoRule[];
  /** The path that they apply to, as the user wrote it: patterns match paths that begin with it. */
  readonly volumePath: string;
  /** The same place from the root of the file system: `` (default) for all of it, else `/dir`. */
  readonly inside?: string;
  /** Those of an earlier group of as many rules, which go on counting. Default: new ones. */
  readonly counters?: RuleCounters;
  /** Rules that go on as they were, by their index. Default: each rule counts from its beginning. */
  readonly earlier?: readonly (GroupRule | undefined)[];
  /** Receives each fault; none by default. */
  readonly log?: FaultLog | undefined;
}

/** One rule of a group. */
export interface GroupRule<R extends IoRule = IoRule> {
  readonly group: RuleGroup;
  /** Its place in the group, and in the group's counters. */
  readonly index: number;
  readonly rule: R;
  readonly trigger: Trigger;
  /** Of rules that delay. */
  readonly delay: Delay | undefined;
  /** Of rules with a capacity. */
  readonly space: Space | undefined;
  /** Of rules whose damage needs to know what was there before. */
  readonly memory: DamageMemory | undefined;
  /** Of rules that limit. */
  readonly throughput: Throughput | undefined;
}

/**
 * The rules of one experiment: they begin and end together, independently of other experiments on the same volume.
 */
export class RuleGroup {
  readonly rules: readonly GroupRule[];
  readonly counters: RuleCounters;
  readonly log: FaultLog | undefined;
  /** Whether its rules take effect. Off at first: until then they only decide how files are opened. */
  active = false;
  /** When they took effect first, on the clock of `performance.now()`. */
  begun = 0;
  /** When each rule ends by itself, on the clock of `performance.now()`; a rule without one does not. */
  deadlines: readonly number[] = [];
  readonly #base: string;
  readonly #inside: string;

  constructor(options: RuleGroupOptions) {
    const { rules, volumePath, inside = '', earlier = [], log } = options;
    this.rules = rules.map((rule, index) => {
      const before = earlier[index];
      if (before) return { ...before, group: this };
      const trigger = new Trigger(rule.trigger ?? {}, index);
      const delay = rule.action === 'latency' ? new Delay(rule) : undefined;
      const space = rule.action === 'capacity' ? new Space(rule.capacity.bytes) : undefined;
      const throughput = rule.action === 'limit' ? new Throughput(rule.limit) : undefined;
      return { group: this, index, rule, trigger, delay, throughput, space, memory: memoryOf(rule) };
    });
    this.counters = options.counters ?? new RuleCounters(rules.length);
    this.log = log;
    this.#base = volumePath === '/' ? '' : volumePath;
    this.#inside = inside;
  }

  /** Whether every rule is for every path. */
  get isEverywhere(): boolean {
    return this.#inside === '' && this.rules.every(({ rule }) => !rule.matchesPath);
  }

  /** When its last rule ends by itself; in the past if none is active. */
  get until(): number {
    if (!this.active) return Number.NEGATIVE_INFINITY;
    return Math.max(...this.rules.map(({ index }) => this.#deadlineOf(index)));
  }

  /** Milliseconds until a rule ends by itself; 0 or less where it takes no effect. */
  left(index: number, now: number): number {
    return this.active ? this.#deadlineOf(index) - now : 0;
  }

  /** The rules for a path, which begins at the root of the file system: `` or `/dir/file`. */
  rulesFor(path: string): readonly GroupRule[] {
    if (path !== this.#inside && !path.startsWith(`${this.#inside}/`)) return [];
    const spelled = this.#base + path.slice(this.#inside.length);
    // The existing engine matches the root with a trailing slash, so `/data/*` matches it; users also write `/data`.
    const spellings = path === this.#inside ? [spelled, `${spelled}/`] : [spelled];
    return this.rules.filter(
      ({ rule: { matchesPath } }) =>
        !matchesPath || spellings.some((each) => each !== '' && matchesPath(each)),
    );
  }

  /** A path, which begins at the root of the file system, relative to what the group is for; `.` for that itself. */
  relative(path: string): string {
    return path.slice(this.#inside.length + 1) || '.';
  }

  /** How often a rule was reached and fired, for all methods or for one. */
  count(rule: number, method?: number): RuleCount {
    if (method !== undefined) return this.counters.read(rule, method);
    let reached = 0;
    let fired = 0;
    for (let index = 0; index < METHOD_COUNT; index++) {
      const one = this.counters.read(rule, index);
      reached += one.reached;
      fired += one.fired;
    }
    return { reached, fired };
  }

  #deadlineOf(index: number): number {
    return this.deadlines[index] ?? Number.POSITIVE_INFINITY;
  }
}

function memoryOf(rule: IoRule): DamageMemory | undefined {
  if (rule.action !== 'mistake') return undefined;
  if (rule.mistake.filling === 'stale') return new StaleBlocks();
  return rule.mistake.filling === 'sticky' ? new StickyDamage() : undefined;
}
