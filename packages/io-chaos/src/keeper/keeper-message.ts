import type { PowerCut, PowerLoss, UnsyncedReport } from '@ordeal/fault-fs';
import type { MoveReport } from '@ordeal/move';
import type { IoFaults } from '../faults.js';
import type { RuleCounts } from '../method-counts.js';
import type { FaultBatch } from '../server/fault-batch.js';
import type { KilledProcess } from './kill-users.js';

/** The faults of one document, and how long they last: undefined = until they are lifted. */
export interface TimedFaults {
  readonly faults: IoFaults;
  readonly milliseconds: number | undefined;
}

/** What an owner asks its keeper to inject. */
export interface KeeperTask {
  /** The id of the injection, if this owner is its first. */
  readonly id: string;
  /** A process that sees the volume; undefined = the keeper itself. */
  readonly pid: number | undefined;
  readonly path: string;
  /** The path within a volume that is already held: `` for the volume itself, otherwise `/dir`. */
  readonly inside: string;
  readonly rules: readonly TimedFaults[];
  /** Whether each fault is reported. */
  readonly reported: boolean;
  /** Processes that are not targets, whatever they have open. */
  readonly except: readonly number[];
  /**
   * If the owner dies, its faults are kept for a while for the process that presents this. Without one they end with the
   * owner.
   */
  readonly claim: string | undefined;
}

/** Faults that can be taken over. */
export interface Claimed {
  readonly claim: string;
  /** The path of the volume, as its owner gave it. */
  readonly path: string;
}

/** A cut of the power, as it was asked for. */
export interface CutTask extends Partial<Pick<PowerLoss, 'lose' | 'seed'>> {
  /** Processes that are killed with their descendants, besides all that use the volume; undefined: nobody uses it. */
  readonly kill: readonly number[] | undefined;
  /** Processes that are left alone. */
  readonly except: readonly number[];
}

/** What a cut has done. */
export interface CutPower extends PowerCut {
  readonly killed: readonly KilledProcess[];
}

/** What an owner has taken over. */
export interface TakenFaults {
  /** Of the move when they were armed. */
  readonly report: MoveReport;
  readonly counts: RuleCounts;
}

/** What an owner sends to its keeper. */
export type KeeperCommand =
  /** Answered with `armed` or `refused`. */
  | { readonly kind: 'arm'; readonly id: number; readonly task: KeeperTask }
  /** Takes over the faults of an owner with this claim, as they are. Answered with `taken` or `ending`. */
  | {
      readonly kind: 'take';
      readonly id: number;
      readonly claim: string;
      /** Instead of those of the dead owner. */
      readonly except: readonly number[];
    }
  /** Answered with `claims`. */
  | { readonly kind: 'claims'; readonly id: number }
  /** Changes faults and durations, or switches them off or on, and fetches faults. Answered with `updated` or `refused`. */
  | {
      readonly kind: 'update';
      readonly id: number;
      readonly rules: readonly TimedFaults[];
      readonly paused: boolean;
      readonly received: number;
    }
  /** Answered with `counted`. */
  | { readonly kind: 'count'; readonly id: number }
  /** Acknowledges the faults before the number `received`. Answered with `fetched`. */
  | { readonly kind: 'fetch'; readonly id: number; readonly received: number }
  /** What a power failure could take away. Answered with `unsynced` or `refused`. */
  | { readonly kind: 'unsynced'; readonly id: number }
  /** Answered with `cut` or `refused`. */
  | ({ readonly kind: 'cut'; readonly id: number } & CutTask)
  /** The owner is alive: see {@link Lease}. */
  | { readonly kind: 'renew' }
  /** Ends the faults of this owner, and with the last owner the injection. `recovered` follows. */
  | { readonly kind: 'recover' };

/** The answers of a keeper, with the `id` of the request. */
export type KeeperAnswer = { readonly id: number } & (
  | { readonly kind: 'armed'; readonly report: MoveReport }
  | { readonly kind: 'updated'; readonly counts: RuleCounts; readonly batch: FaultBatch | undefined }
  /** `undefined`: nobody has this claim. */
  | { readonly kind: 'taken'; readonly taken: TakenFaults | undefined }
  | { readonly kind: 'claims'; readonly claims: readonly Claimed[] }
  /** The volume is being restored, or the faults are being armed or lifted: ask again afterwards. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'counted'; readonly counts: RuleCounts }
  /** Without a batch if the server did not answer: ask again. */
  | { readonly kind: 'fetched'; readonly batch: FaultBatch | undefined }
  | { readonly kind: 'unsynced'; readonly report: UnsyncedReport }
  | { readonly kind: 'cut'; readonly cut: CutPower; readonly counts: RuleCounts }
);

/** What a keeper sends by itself. */
export type KeeperNews =
  /** The first message to an owner that connects to the socket. */
  | { readonly kind: 'greeting'; readonly protocol: number; readonly pid: number }
  | {
      readonly kind: 'recovered';
      readonly counts: RuleCounts;
      /** The last ones; undefined if the server did not answer. */
      readonly batch: FaultBatch | undefined;
      /** Descriptions of what could not be moved back. */
      readonly left: readonly string[];
      /** Whether the server had died before: the faults ended early. */
      readonly failed: boolean;
    }
  /** There are no requests now: the counts stay as they are until `stirred`. */
  | { readonly kind: 'quiet'; readonly counts: RuleCounts }
  | { readonly kind: 'stirred' }
  /** By a rule of this owner nobody gets an answer any more. */
  | { readonly kind: 'halted' }
  /** No process is left in the mount namespace of the volume: it recovers by itself. */
  | { readonly kind: 'deserted' }
  /** The reason why it recovers by itself. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The faults were off for this many milliseconds, because the owner had not renewed its lease. */
  | { readonly kind: 'resumed'; readonly milliseconds: number }
  | { readonly kind: 'log'; readonly line: string };

/** What the process that has started a keeper tells it for all volumes: to prepare for the next one, and that it is alive. */
export type KeeperSignal = 'prepare' | 'renew';
