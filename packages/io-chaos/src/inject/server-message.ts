import type { IoFaults } from './faults.js';
import type { RuleCounts } from './method-counts.js';

/** What the keeper tells the server. */
export type ServerCommand =
  | {
      readonly kind: 'serve';
      /** The original tree: the number of a descriptor of the keeper. */
      readonly tree: number;
      readonly volumePath: string;
      /** One rule each, in order. */
      readonly faults: readonly IoFaults[];
    }
  /** Rules on, each for at most so many milliseconds. */
  | { readonly kind: 'enable'; readonly milliseconds: readonly (number | undefined)[] }
  /** Requests that are delayed now go on. */
  | { readonly kind: 'release' }
  /** Rules off, delayed requests go on. */
  | { readonly kind: 'disable' }
  /** Asks the serving thread whether it still turns. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'count' };

/** What the serving thread tells. */
export type ThreadMessage =
  | { readonly kind: 'serving' | 'enabled' | 'disabled' | 'alive' }
  | { readonly kind: 'log'; readonly line: string };

/** What the server tells the keeper. */
export type ServerAnswer = (
  | ThreadMessage
  | { readonly kind: 'counted' | 'ended' }
  /** With the process that holds its descriptors, for whom it does not live to end. */
  | { readonly kind: 'started'; readonly holder: number | undefined }
) & {
  readonly counts: RuleCounts;
};

/** What the serving thread begins with; descriptors are numbers of its process. */
export interface ServerData {
  readonly volumePath: string;
  readonly faults: readonly IoFaults[];
  readonly device: number;
  readonly root: number;
  readonly wakeUp: number;
  readonly counters: SharedArrayBuffer;
}
