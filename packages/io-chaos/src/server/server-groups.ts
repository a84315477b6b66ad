import { type FaultBacklog, type IoFault, RuleCounters } from '@ordeal/fault-fs';
import { countByMethod } from '../method-counts.js';
import type { FaultBatch } from './fault-batch.js';
import { FaultQueue } from './fault-queue.js';
import type { GroupCounts } from './server-message.js';

interface Group {
  readonly counters: RuleCounters;
  readonly queue: FaultQueue;
}

/** What the rules of a group write to. */
export interface GroupCounters {
  readonly counters: RuleCounters;
  readonly backlog: FaultBacklog;
}

/** What a server keeps for each group of rules: its counters and its faults. */
export class ServerGroups {
  readonly #groups = new Map<number, Group>();

  get ids(): Iterable<number> {
    return this.#groups.keys();
  }

  /** @returns the same counters if it has as many rules as before */
  put(id: number, rules: number): GroupCounters {
    const { counters: before, queue = new FaultQueue() } = this.#groups.get(id) ?? {};
    const counters = before?.rules === rules ? before : new RuleCounters(rules);
    this.#groups.set(id, { counters, queue });
    return { counters, backlog: queue.backlog };
  }

  forget(id: number): void {
    this.#groups.delete(id);
  }

  /** A rule of a group has reported a fault. */
  hear(id: number, fault: IoFault): void {
    this.#groups.get(id)?.queue.add(fault);
  }

  /** The faults of a group but those before the number `received`. Undefined if there is no such group. */
  fetch(id: number, received: number): FaultBatch | undefined {
    const queue = this.#groups.get(id)?.queue;
    queue?.acknowledge(received);
    return queue?.batch();
  }

  counts(): GroupCounts {
    return new Map([...this.#groups].map(([id, { counters }]) => [id, countByMethod(counters)]));
  }
}
