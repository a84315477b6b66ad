import type { MoveReport } from '../move/report.js';
import type { IoFaults } from './faults.js';
import type { RuleCounts } from './method-counts.js';
import type { FaultBatch } from './server-message.js';

/** The faults of one document, and how long they last: undefined = until they are taken back. */
export interface TimedFaults {
  readonly faults: IoFaults;
  readonly milliseconds: number | undefined;
}

/** What a keeper is to inject. */
export interface KeeperTask {
  readonly id: string;
  /** A process that sees the volume; undefined = the keeper itself. */
  readonly pid: number | undefined;
  readonly path: string;
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
  /** Answered with `counted`. */
  | { readonly kind: 'count'; readonly id: number }
  /** Answered with `fetched`. */
  | { readonly kind: 'fetch'; readonly id: number }
  /** The owner is alive: see {@link Lease}. */
  | { readonly kind: 'renew' }
  /** `recovered` follows. */
  | { readonly kind: 'recover' };

/** What a keeper answers, with the `id` of what it was asked. */
export type KeeperAnswer = { readonly id: number } & (
  | { readonly kind: 'armed'; readonly report: MoveReport }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'counted'; readonly counts: RuleCounts }
  | { readonly kind: 'fetched'; readonly batch: FaultBatch }
);

/** What a keeper sends by itself. */
export type KeeperNews =
  | {
      readonly kind: 'recovered';
      readonly counts: RuleCounts;
      /** The last ones that were not fetched. */
      readonly batch: FaultBatch;
      /** In words, what could not be moved back. */
      readonly left: readonly string[];
    }
  /** No process is left in the mount namespace of the volume: it recovers by itself. */
  | { readonly kind: 'deserted' }
  /** The reason why it recovers by itself. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The faults were off for so many milliseconds, since the owner had not renewed its lease. */
  | { readonly kind: 'resumed'; readonly milliseconds: number }
  | { readonly kind: 'log'; readonly line: string };
