import { RuleCounters } from '../fs/rules/rule-counters.js';
import { LEASE, Lease } from './lease.js';
import { countByMethod } from './method-counts.js';
import type { GroupCounts } from './server-message.js';

interface Group {
  counters: SharedArrayBuffer;
  rules: number;
  readonly lease: Lease;
}

export interface ServerGroupsListener {
  readonly expired: (group: number) => void;
  /** The lease of a group was renewed, so many milliseconds after it had expired. */
  readonly renewed: (group: number, milliseconds: number) => void;
}

/** What the main thread of a server keeps of each group of rules: its counters, and its owner's lease. */
export class ServerGroups {
  readonly #listener: ServerGroupsListener;
  readonly #groups = new Map<number, Group>();

  constructor(listener: ServerGroupsListener) {
    this.#listener = listener;
  }

  /** @returns the counters: those that the group has, where it has as many rules as before */
  put(id: number, rules: number): SharedArrayBuffer {
    const known = this.#groups.get(id);
    if (known?.rules === rules) return known.counters;
    const counters = new SharedArrayBuffer(RuleCounters.bytesFor(rules));
    const { expired, renewed } = this.#listener;
    const lease =
      known?.lease ??
      new Lease(LEASE, {
        expired: () => expired(id),
        renewed: (milliseconds) => renewed(id, milliseconds),
      });
    this.#groups.set(id, { counters, rules, lease });
    return counters;
  }

  begin(id: number): void {
    this.#groups.get(id)?.lease.begin();
  }

  renew(id: number): void {
    this.#groups.get(id)?.lease.renew();
  }

  /** Its owner need not be heard of any more. */
  end(id: number): void {
    this.#groups.get(id)?.lease.end();
  }

  endAll(): void {
    for (const { lease } of this.#groups.values()) lease.end();
  }

  forget(id: number): void {
    this.end(id);
    this.#groups.delete(id);
  }

  counts(): GroupCounts {
    return new Map(
      [...this.#groups].map(([id, { counters, rules }]) => [id, countByMethod(counters, rules)]),
    );
  }
}
