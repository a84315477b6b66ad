import { type IoFault, RuleCounters } from '@ordeal/fault-fs';
import { countByMethod } from '../method-counts.js';
import type { FaultBatch } from './fault-batch.js';
import { FaultQueue } from './fault-queue.js';
import { LEASE, Lease } from './lease.js';
import type { GroupCounts } from './server-message.js';

interface Group {
  counters: SharedArrayBuffer;
  rules: number;
  readonly queue: FaultQueue;
  readonly lease: Lease;
}

/** Memory that both threads of a server see. */
export interface GroupMemory {
  readonly counters: SharedArrayBuffer;
  /** Of a {@link FaultBacklog}. */
  readonly backlog: SharedArrayBuffer;
}

export interface ServerGroupsListener {
  readonly expired: (group: number) => void;
  /** The lease of a group was renewed this many milliseconds after it had expired. */
  readonly renewed: (group: number, milliseconds: number) => void;
}

/**
 * What the main thread of a server keeps for each group of rules: its counters, its faults, and its owner's lease.
 */
export class ServerGroups {
  readonly #listener: ServerGroupsListener;
  readonly #groups = new Map<number, Group>();

  constructor(listener: ServerGroupsListener) {
    this.#listener = listener;
  }

  /** @returns the memory shared with the serving thread: the same counters if it has as many rules as before */
  put(id: number, rules: number): GroupMemory {
    const known = this.#groups.get(id);
    if (known?.rules === rules) return { counters: known.counters, backlog: known.queue.backlog.memory };
    const counters = new SharedArrayBuffer(RuleCounters.bytesFor(rules));
    const { expired, renewed } = this.#listener;
    const lease =
      known?.lease ??
      new Lease(LEASE, {
        expired: () => expired(id),
        renewed: (milliseconds) => renewed(id, milliseconds),
      });
    const { queue = new FaultQueue() } = known ?? {};
    this.#groups.set(id, { counters, rules, lease, queue });
    return { counters, backlog: queue.backlog.memory };
  }

  begin(id: number): void {
    this.#groups.get(id)?.lease.begin();
  }

  renew(id: number): void {
    this.#groups.get(id)?.lease.renew();
  }

  /** Its owner need not renew the lease any more. */
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

  /** The serving thread has reported a fault. */
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
    return new Map(
      [...this.#groups].map(([id, { counters, rules }]) => [id, countByMethod(counters, rules)]),
    );
  }
}
