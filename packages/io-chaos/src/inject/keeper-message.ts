import type { MoveReport } from '../move/report.js';
import type { IoFaults } from './faults.js';
import type { RuleCounts } from './method-counts.js';

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
  /** Processes that are no targets, whatever they have open. */
  readonly except: readonly number[];
}

/** What its owner tells a keeper. */
export type KeeperCommand =
  | { readonly kind: 'arm'; readonly task: KeeperTask }
  | { readonly kind: 'recover' }
  | { readonly kind: 'count' };

/** What a keeper tells its owner. */
export type KeeperAnswer =
  | { readonly kind: 'armed'; readonly report: MoveReport }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'counted'; readonly counts: RuleCounts }
  | {
      readonly kind: 'recovered';
      readonly counts: RuleCounts;
      /** In words, what could not be moved back. */
      readonly left: readonly string[];
    }
  /** Nobody is left in the mount namespace of the volume: it recovers by itself. */
  | { readonly kind: 'deserted' }
  /** It recovers by itself, and why. */
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'log'; readonly line: string };
