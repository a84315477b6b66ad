import type { MoveReport } from '@ordeal/move';
import type { IoFaults } from '../faults.js';
import type { RuleCounts } from '../method-counts.js';
import type { FaultBatch } from '../server/server-message.js';

/** The faults of one document, and how long they last: undefined = until they are taken back. */
export interface TimedFaults {
  readonly faults: IoFaults;
  readonly milliseconds: number | undefined;
}

/** What an owner wants its keeper to inject. */
export interface KeeperTask {
  /** Of the injection, should this owner be its first. */
  readonly id: string;
  /** A process that sees the volume; undefined = the keeper itself. */
  readonly pid: number | undefined;
  readonly path: string;
  /** Where the path lies in a volume that is held already: `` for the volume itself, else `/dir`. */
  readonly inside: string;
  readonly rules: readonly TimedFaults[];
  /** Whether each fault is told. */
  readonly told: boolean;
  /** Processes that are no targets, whatever they have open. */
  readonly except: readonly number[];
}

/** What an owner sends to its keeper. */
export type KeeperCommand =
  /** Answered with `armed` or `refused`. */
  | { readonly kind: 'arm'; readonly id: number; readonly task: KeeperTask }
  /** Other faults, other times from now on, off or on. Answered with `updated` or `refused`. */
  | {
      readonly kind: 'update';
      readonly id: number;
      readonly rules: readonly TimedFaults[];
      readonly paused: boolean;
    }
  /** Answered with `counted`. */
  | { readonly kind: 'count'; readonly id: number }
  /** Answered with `fetched`. */
  | { readonly kind: 'fetch'; readonly id: number }
  /** The owner is alive: see {@link Lease}. */
  | { readonly kind: 'renew' }
  /** Ends the faults of this owner, and with the last owner the injection. `recovered` follows. */
  | { readonly kind: 'recover' };

/** What a keeper answers, with the `id` of what it was asked. */
export type KeeperAnswer = { readonly id: number } & (
  | { readonly kind: 'armed'; readonly report: MoveReport }
  | { readonly kind: 'updated' }
  /** Too late to join: the volume is being given back, and can be taken anew afterwards. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'counted'; readonly counts: RuleCounts }
  | { readonly kind: 'fetched'; readonly batch: FaultBatch }
);

/** What a keeper sends by itself. */
export type KeeperNews =
  /** The first message to whoever comes by the socket. */
  | { readonly kind: 'greeting'; readonly protocol: number; readonly pid: number }
  | {
      readonly kind: 'recovered';
      readonly counts: RuleCounts;
      /** The last ones that were not fetched. */
      readonly batch: FaultBatch;
      /** In words, what could not be moved back. */
      readonly left: readonly string[];
      /** Whether the server had died before: the faults ended early. */
      readonly failed: boolean;
    }
  /** No process is left in the mount namespace of the volume: it recovers by itself. */
  | { readonly kind: 'deserted' }
  /** The reason why it recovers by itself. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The faults were off for so many milliseconds, since the owner had not renewed its lease. */
  | { readonly kind: 'resumed'; readonly milliseconds: number }
  | { readonly kind: 'log'; readonly line: string };
