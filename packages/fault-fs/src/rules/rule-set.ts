import type { PowerLossSettings } from '../power-loss/power-loss.js';
import type { Random } from '../random.js';
import { ofReads } from './damage.js';
import type { DamageMemory } from './damage-memory.js';
import type { IoRule } from './io-rule.js';
import { METHOD_COUNT, METHODS, UNNAMED } from './method.js';
import type { GroupRule, RuleGroup } from './rule-group.js';

type RuleOf<A extends IoRule['action']> = Extract<IoRule, { action: A }>;

/** The rules whose path pattern matches some path, sorted out by method. Paths with the same rules share one. */
export interface Selection {
  /** By method: latency, fault and mistake rules in order. */
  readonly byMethod: readonly (readonly GroupRule<MeetingRule>[])[];
  readonly overrides: readonly GroupRule<RuleOf<'attrOverride'>>[];
  readonly capacities: readonly GroupRule<CapacityRule>[];
  /** Those that remember something of files. */
  readonly remembering: readonly GroupRule[];
  /** Whether a rule can match a read or write, so that data must not bypass the server. */
  readonly reads: boolean;
  readonly writes: boolean;
  /** Whether what was there before a change has to be kept until it is synced. */
  readonly keepsUnsynced: boolean;
}

export type CapacityRule = RuleOf<'capacity'>;

/** Actions that meet single requests. */
type MeetingRule = RuleOf<'latency' | 'limit' | 'fault' | 'mistake' | 'observe' | 'halt'>;

/** The effect of the rules on one request. */
export interface Verdict {
  /** Milliseconds before anything else. */
  readonly delay: number;
  /** Instead of the operation; 0 for none. */
  readonly errno: number;
  /** Neither this request nor others are answered from now on. */
  readonly halts: boolean;
  readonly mistakes: readonly (Fired & GroupRule<RuleOf<'mistake'>>)[];
  /** The rules that say so, in order. */
  readonly fired: readonly Fired[];
}

/** A request, as far as it matters to rules. */
export interface Judged {
  /** On the clock of `performance.now()`. */
  readonly now?: number;
  /** Its bytes must not be damaged: mistakes do not apply. */
  readonly whole?: boolean;
  /** Whether it is a program's and changes or syncs something. */
  readonly change?: boolean;
  /** How many it reads or writes; matters only where {@link RuleSet.throttles}. */
  readonly bytes?: number;
}

export interface Fired extends GroupRule<MeetingRule | CapacityRule> {
  /** The number of the request among those that the rule matches, from 1. */
  readonly match: number;
  /** Milliseconds: a delay does not outlast its rule. */
  readonly wait: number;
}

const READ = METHODS.indexOf('read');
const WRITE = METHODS.indexOf('write');

/**
 * All rules of a file system, group by group. Pure except for random draws and counters: each rule decides on each
 * request, in order; delays add up, the first fault wins. When groups change, a new set replaces it.
 */
export class RuleSet {
  /** The rules for every path, where no rule has a pattern. */
  readonly everywhere: Selection | undefined;
  /** Whether a group reports its faults. */
  readonly logs: boolean;
  /** Whether a rule limits how many bytes are read and written. */
  readonly throttles: boolean;
  readonly #groups: readonly RuleGroup[];
  readonly #met: readonly boolean[];
  readonly #random: Random;
  readonly #selections = new Map<string, Selection>();

  constructor(groups: readonly RuleGroup[], random: Random = Math.random) {
    this.#groups = groups;
    this.logs = groups.some(({ log }) => log !== undefined);
    this.throttles = groups.some(({ rules }) => rules.some(({ throughput }) => throughput));
    this.#random = random;
    const all = sortOut(groups.flatMap(({ rules }) => rules));
    this.#met = all.byMethod.map((met) => met.length > 0);
    this.everywhere = groups.every(({ isEverywhere }) => isEverywhere) ? all : undefined;
  }

  /** When the last rule ends by itself, on the clock of `performance.now()`; in the past where none is active. */
  get until(): number {
    return Math.max(...this.#groups.map(({ until }) => until));
  }

  /** What an active rule says of a power failure; the first one counts. */
  get powerLoss(): PowerLossSettings | undefined {
    const active = this.#groups.filter((group) => group.active).flatMap(({ rules }) => rules);
    return active.flatMap(({ rule }) => (rule.action === 'powerLoss' ? rule.powerLoss : []))[0];
  }

  /** Whether an active rule needs to know what was not synced. */
  get keepsUnsynced(): boolean {
    return this.#groups.some(({ active, rules }) => active && rules.some(({ rule }) => keepsUnsynced(rule)));
  }

  /** Whether an active rule says how much space there is. */
  get limitsSpace(): boolean {
    return this.#groups.some(({ active, rules }) => active && rules.some(({ space }) => space));
  }

  /** Rules that say how much space there is for a path now. */
  capacities({ capacities }: Selection, now = performance.now()): readonly GroupRule<CapacityRule>[] {
    return capacities.filter(({ group, index }) => group.left(index, now) > 0);
  }

  /** What active rules remember of files with a path. */
  memories({ remembering }: Selection, now = performance.now()): DamageMemory[] {
    return remembering.flatMap(({ group, index, memory }) =>
      memory && group.left(index, now) > 0 ? [memory] : [],
    );
  }

  /** Whether a rule remembers something of files. */
  get remembers(): boolean {
    return this.#groups.some(({ rules }) => rules.some(({ memory }) => memory !== undefined));
  }

  /** Takes space for a request. @returns the rule that has not enough, and then nothing is taken */
  takeSpace(selection: Selection, method: number, bytes: number): GroupRule<CapacityRule> | undefined {
    const rules = this.capacities(selection);
    const full = rules.find(({ space }) => (space?.left ?? 0) < bytes);
    for (const each of rules) {
      this.#fires(each, method, each !== full);
      if (!full) each.space?.take(bytes);
    }
    return full;
  }

  /** Counts a cut of the power for each rule that asked to keep what it takes. */
  countCut(): void {
    for (const { rules } of this.#groups)
      for (const { rule, group, index } of rules) {
        if (rule.action !== 'powerLoss' || !group.active) continue;
        group.counters.reached(index, UNNAMED);
        group.counters.fired(index, UNNAMED);
      }
  }

  /** Whether a rule can meet requests of this method, on some path. Overrides do not count. */
  meets(method: number): boolean {
    return this.#met[method] ?? false;
  }

  /** The rules for a path, which begins at the root of the file system: `` or `/dir/file`. */
  select(path: string): Selection {
    const matching = this.#groups.map((group) => group.rulesFor(path));
    const key = matching.map((rules) => rules.map(({ index }) => index).join()).join(';');
    let selection = this.#selections.get(key);
    if (!selection) {
      selection = sortOut(matching.flat());
      this.#selections.set(key, selection);
    }
    return selection;
  }

  /**
   * Decides what the rules do to a request.
   *
   * @returns `undefined` if no rule fires
   */
  decide(
    selection: Selection,
    method: number,
    { now = performance.now(), whole = false, change = false, bytes = 0 }: Judged = {},
  ): Verdict | undefined {
    const rules = selection.byMethod[method];
    if (rules === undefined || rules.length === 0) return undefined;
    let fired: Fired[] | undefined;
    for (const each of rules) {
      const { group, index, rule } = each;
      if ((whole && rule.action === 'mistake') || (rule.changesOnly && !change)) continue;
      const left = group.left(index, now);
      const since = now - group.begun;
      if (left <= 0 || each.delay?.applies(since) === false) continue;
      const throttled = each.throughput?.take(now, bytes);
      if (!this.#fires(each, method, throttled === 0)) continue;
      fired ??= [];
      const match = each.trigger.matches;
      const drawn = each.delay?.next(each.trigger.randomFor(match) ?? this.#random, since);
      const wait = throttled ?? drawn ?? 0;
      fired.push({ ...each, match, wait: Math.min(wait, left) });
      if (rule.action === 'fault') break;
    }
    return fired && verdictOf(fired);
  }

  /**
   * What remains of a verdict while its request waits: rules that were removed or are off have no effect any more.
   *
   * @returns `undefined` if nothing remains
   */
  remaining(verdict: Verdict): Verdict | undefined {
    const fired = verdict.fired.filter(({ group }) => group.active && this.#groups.includes(group));
    return fired.length === verdict.fired.length ? verdict : verdictOf(fired);
  }

  /** Decides which overrides apply to one reply, and calls back with those. */
  override(
    selection: Selection,
    method: number,
    each: (override: GroupRule<RuleOf<'attrOverride'>>) => void,
  ): void {
    if (selection.overrides.length === 0) return;
    const now = performance.now();
    for (const override of selection.overrides) {
      const { group, index } = override;
      if (group.left(index, now) > 0 && this.#fires(override, method)) each(override);
    }
  }

  /** @param spared whether the rule does nothing to this one */
  #fires({ group: { counters }, index, trigger }: GroupRule, method: number, spared = false): boolean {
    counters.reached(index, method);
    if (!trigger.fires(this.#random) || spared) return false;
    counters.fired(index, method);
    return true;
  }
}

/** Of rules that have fired: delays add up, and nothing is damaged if there is a fault. */
function verdictOf(fired: readonly Fired[]): Verdict | undefined {
  if (fired.length === 0) return undefined;
  const delay = fired.reduce((sum, { wait }) => sum + wait, 0);
  const fault = faultOf(fired);
  if (fault) return { delay, errno: fault.rule.errno, halts: false, mistakes: [], fired };
  const mistakes = fired.filter(
    (each): each is Fired & GroupRule<RuleOf<'mistake'>> => each.rule.action === 'mistake',
  );
  const halts = fired.some(({ rule }) => rule.action === 'halt');
  return { delay, errno: 0, halts, mistakes, fired };
}

/** The rule of a verdict that says which error is returned. */
export function faultOf(fired: readonly Fired[]): (Fired & GroupRule<RuleOf<'fault'>>) | undefined {
  return fired.find((each): each is Fired & GroupRule<RuleOf<'fault'>> => each.rule.action === 'fault');
}

function sortOut(matching: readonly GroupRule[]): Selection {
  const byMethod = Array.from({ length: METHOD_COUNT }, (_, method) =>
    matching.filter(
      (entry): entry is GroupRule<MeetingRule> =>
        entry.rule.action !== 'attrOverride' &&
        entry.rule.action !== 'powerLoss' &&
        entry.rule.action !== 'capacity' &&
        meets(entry.rule, method),
    ),
  );
  const overrides = matching.filter(
    (entry): entry is GroupRule<RuleOf<'attrOverride'>> => entry.rule.action === 'attrOverride',
  );
  const capacities = matching.filter(
    (entry): entry is GroupRule<CapacityRule> => entry.rule.action === 'capacity',
  );
  const meetsAny = (method: number) => (byMethod[method]?.length ?? 0) > 0;
  const remembering = matching.filter(({ memory }) => memory !== undefined);
  const kept = matching.some(({ rule }) => keepsUnsynced(rule));
  return {
    byMethod,
    overrides,
    reads: meetsAny(READ),
    capacities,
    remembering,
    // Each write must be seen by whoever keeps what it overwrites, or counts how much there is.
    writes: kept || remembering.length > 0 || capacities.length > 0 || meetsAny(WRITE),
    keepsUnsynced: kept,
  };
}

/** What is not lost at once is only lost with the power. */
function keepsUnsynced(rule: IoRule): boolean {
  return rule.action === 'powerLoss' || (rule.action === 'fault' && rule.unsynced === 'lose');
}

function meets(rule: IoRule, method: number): boolean {
  if (rule.action === 'mistake' && !(ofReads(rule.mistake) ? method === READ : mistaken.has(method)))
    return false;
  if (!rule.methods) return true;
  const name = METHODS[method];
  return method !== UNNAMED && name !== undefined && rule.methods.has(name);
}

/** The only requests that carry bytes to damage. */
const mistaken = new Set([READ, WRITE, METHODS.indexOf('readlink')]);
