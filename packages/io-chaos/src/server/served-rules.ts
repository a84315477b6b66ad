import { isDeepStrictEqual } from 'node:util';
import type { FaultLog, RuleCounters } from '@ordeal/fault-fs';
import { RuleGroup } from '@ordeal/fault-fs';
import { type IoFaults, ruleOfFaults } from '../faults.js';

/** The faults of one owner, as sent to the server. */
export interface ServedFaults {
  /** The id of the group. */
  readonly group: number;
  readonly faults: readonly IoFaults[];
  /** See {@link RuleGroupOptions}. */
  readonly volumePath: string;
  readonly inside: string;
  /** Whether each fault is reported. */
  readonly reported: boolean;
}

interface Entry {
  readonly faults: readonly IoFaults[];
  readonly rules: RuleGroup;
  begun: boolean;
  paused: boolean;
}

/** The active rules: those of several owners, which are added and removed in any order. */
export class ServedRules {
  readonly #use: (groups: readonly RuleGroup[]) => void;
  readonly #entries = new Map<number, Entry>();
  #enabled = true;
  #orphaned = false;

  /** @param use called with all groups after each change */
  constructor(use: (groups: readonly RuleGroup[]) => void) {
    this.#use = use;
  }

  /**
   * Adds a group, or changes its faults. They decide how files are opened, and take effect with {@link begin}; at
   * once if the group has begun before, with its deadlines. Rules that are the same as before go on counting.
   *
   * @param counters of the group
   * @param log of the group, if its faults are reported
   */
  put(served: ServedFaults, counters: RuleCounters, log?: FaultLog): void {
    const { group, faults, volumePath, inside } = served;
    const before = this.#entries.get(group);
    const earlier = faults.map((each, index) =>
      isDeepStrictEqual(each, before?.faults[index]) ? before?.rules.rules[index] : undefined,
    );
    const options = { volumePath, inside, counters, earlier, log };
    const rules = new RuleGroup({ rules: faults.map(ruleOfFaults), ...options });
    rules.deadlines = before?.rules.deadlines ?? [];
    const same = before?.faults.length === faults.length && !earlier.includes(undefined);
    rules.begun = same ? before.rules.begun : performance.now();
    const { begun = false, paused = false } = before ?? {};
    this.#entries.set(group, { faults, rules, begun, paused });
    this.#apply();
  }

  /** @param milliseconds after which each rule ends by itself, in their order; a rule without one lasts */
  begin(group: number, milliseconds: readonly (number | undefined)[]): void {
    const now = performance.now();
    const deadlines = milliseconds.map((each) => now + (each ?? Number.POSITIVE_INFINITY));
    this.#change(group, (entry) => {
      if (!entry.begun) entry.rules.begun = now;
      entry.begun = true;
      entry.rules.deadlines = deadlines;
    });
  }

  /** Switches it off or on; the duration of the rules keeps running. */
  pause(group: number, paused: boolean): void {
    this.#change(group, (entry) => {
      entry.paused = paused;
    });
  }

  /** Removes a group. Requests that it delays continue at once. */
  drop(group: number): void {
    this.#entries.delete(group);
    this.#apply();
  }

  /** All groups off, or on again. */
  enable(enabled: boolean): void {
    this.#enabled = enabled;
    this.#apply();
  }

  /** All groups off while nobody renews the lease, or on again; besides {@link enable}. */
  orphan(orphaned: boolean): void {
    this.#orphaned = orphaned;
    this.#apply();
  }

  #change(group: number, change: (entry: Entry) => void): void {
    const entry = this.#entries.get(group);
    if (!entry) return;
    change(entry);
    this.#apply();
  }

  #apply(): void {
    const entries = [...this.#entries.values()];
    for (const { rules, begun, paused } of entries)
      rules.active = this.#enabled && !this.#orphaned && begun && !paused;
    this.#use(entries.map(({ rules }) => rules));
  }
}
