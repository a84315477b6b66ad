import type { IoFaults } from './faults.js';
import type { RuleCounts } from './method-counts.js';

/** What the keeper tells the server. One with an `id` is answered with `done` when it has been carried out. */
export type ServerCommand = { readonly id?: number } & (
  | {
      readonly kind: 'serve';
      /** The original tree: the number of a descriptor of the keeper. */
      readonly tree: number;
      readonly volumePath: string;
      /** One rule each, in order. */
      readonly faults: readonly IoFaults[];
    }
  | ThreadAction
  /** The owner lives: see {@link Lease}. */
  | { readonly kind: 'renew' }
  /** Asks for nothing but the answer, with its counts. */
  | { readonly kind: 'count' }
);

/** What the serving thread does. */
export type ThreadAction =
  /** Rules on, each for at most so many milliseconds. */
  | { readonly kind: 'enable'; readonly milliseconds: readonly (number | undefined)[] }
  /** Requests that are delayed now go on. */
  | { readonly kind: 'release' }
  /** Rules off, delayed requests go on. */
  | { readonly kind: 'disable' }
  /** The same until `resume`; the time of the rules goes on. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Asks whether it still turns. */
  | { readonly kind: 'ping' };

export type ThreadCommand = { readonly id?: number | undefined } & ThreadAction;

/** What the serving thread tells. */
export type ThreadMessage =
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'log'; readonly line: string };

/** What the server tells the keeper. */
export type ServerAnswer =
  | { readonly kind: 'done'; readonly id: number; readonly counts: RuleCounts }
  | { readonly kind: 'log'; readonly line: string }
  /** With the process that keeps its descriptors open after its death. */
  | { readonly kind: 'started'; readonly descriptorKeeper: number | undefined }
  /** The rules are on again that were off for so long, since the lease was not renewed. */
  | { readonly kind: 'resumed'; readonly milliseconds: number }
  | { readonly kind: 'ended'; readonly counts: RuleCounts };

/** What the serving thread begins with; descriptors are numbers of its process. */
export interface ServerData {
  readonly id: number | undefined;
  readonly volumePath: string;
  readonly faults: readonly IoFaults[];
  readonly device: number;
  readonly root: number;
  readonly wakeUp: number;
  readonly counters: SharedArrayBuffer;
}
