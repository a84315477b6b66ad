import type { Inode, PowerCut, PowerLoss, UnsyncedReport } from '@ordeal/fault-fs';
import type { RuleCounts } from '../method-counts.js';
import type { FaultBatch } from './fault-batch.js';
import type { ServedFaults } from './served-rules.js';

/** How long each rule of a group lasts from now on, at most; undefined = until it is dropped. */
type Durations = readonly (number | undefined)[];

/** Commands of the keeper to the server. One with an `id` is answered with `done` when it has been carried out. */
export type ServerCommand = { readonly id?: number } & (
  | {
      readonly kind: 'serve';
      /** `/dev/fuse`, and the original tree: numbers of descriptors of the keeper. */
      readonly device: number;
      readonly tree: number;
      /** The memory of a {@link Pulse}, and the slot of this server in it. */
      readonly pulse: number;
      readonly slot: number;
      /** Who keeps locks: see {@link FaultFileSystemOptions}. */
      readonly locks: 'original' | 'kernel';
      /** As in `put`: before the first request is answered. */
      readonly rules: ServedFaults;
    }
  /** Rules of an owner: see {@link ServedRules}. */
  | ({
      readonly kind: 'put';
      /** Carried out as `begin` and then `fetch`, unless an open file bypasses the rules: then only `put` is done. */
      readonly begin?: { readonly milliseconds: Durations; readonly received: number };
    } & ServedFaults)
  | VolumeAction
  /** Requests only the answer, with its counts. */
  | { readonly kind: 'count' }
  /** Acknowledges the faults before the number `received`. The answer has the others of the group. */
  | { readonly kind: 'fetch'; readonly group: number; readonly received: number }
);

/** Commands about what is served. */
export type VolumeAction =
  /** The rules of a group take effect, each for at most this many milliseconds; sent again, from that moment. */
  | {
      readonly kind: 'begin';
      readonly group: number;
      readonly milliseconds: Durations;
    }
  /** Off, until `resume`; the duration of the rules keeps running. */
  | { readonly kind: 'pause' | 'resume'; readonly group: number }
  /** A group ends: requests that it delays continue. */
  | { readonly kind: 'drop'; readonly group: number }
  /** Requests that are delayed now continue. */
  | { readonly kind: 'release' }
  /** The rules of all groups are off until `enable`; delayed requests continue. */
  | { readonly kind: 'disable' | 'enable' }
  /** See {@link FaultFileSystem.leaveBare}. */
  | { readonly kind: 'leave bare'; readonly files: readonly Inode[]; readonly ways: readonly Inode[] }
  /** Requests that open files or change names wait, or not any more: see {@link FaultFileSystem.admit}. */
  | { readonly kind: 'admit'; readonly admitted: boolean }
  /** The answer has what a power failure could take away. */
  | { readonly kind: 'unsynced' }
  /** See {@link FaultFileSystem.cutPower}. */
  | { readonly kind: 'cut'; readonly choice: Partial<Pick<PowerLoss, 'lose' | 'seed'>> }
  /** Asks whether its loop still runs. */
  | { readonly kind: 'ping' };

/** What an answer may have besides the counts. */
export interface DoneAnswer {
  /** Of `put`: how many open files bypass rules that could match them. */
  readonly bypassed?: number;
  /** Of `unsynced` and `cut`, where a rule has that kept. */
  readonly unsynced?: UnsyncedReport | undefined;
  readonly cut?: PowerCut | undefined;
  /** Of `fetch`, and of `put` where it did that, too. */
  readonly batch?: FaultBatch | undefined;
}

/** What each group has counted, those included that have ended with this answer. */
export type GroupCounts = ReadonlyMap<number, RuleCounts>;

/** Messages of the server to the keeper. */
export type ServerAnswer =
  | ({
      readonly kind: 'done';
      readonly id: number;
      readonly counts: GroupCounts;
    } & DoneAnswer)
  | { readonly kind: 'log'; readonly line: string }
  /** With the process that keeps its descriptors open after its death. */
  | { readonly kind: 'started'; readonly descriptorKeeper: number | undefined }
  /** A rule of a group has halted the volume. */
  | { readonly kind: 'halted'; readonly group: number }
  /** The rules of a group are on again; they were off for this time, because the keeper was stopped. */
  | { readonly kind: 'resumed'; readonly group: number; readonly milliseconds: number }
  | { readonly kind: 'ended'; readonly counts: GroupCounts };
