import type { AfterFailedSync, PowerLossSettings } from '../power-loss/power-loss.js';
import type { DelayTerms } from './delay.js';
import type { Method } from './method.js';
import type { Limit } from './throughput.js';
import type { TriggerTerms } from './trigger.js';

/** A time as attributes carry it. */
export interface AttrTime {
  readonly sec: bigint | number;
  readonly nsec: number;
}

/** What an attrOverride replaces; what is left out stays. */
export interface AttrOverride {
  readonly ino?: bigint | number | undefined;
  readonly size?: bigint | number | undefined;
  readonly blocks?: bigint | number | undefined;
  readonly atime?: AttrTime | undefined;
  readonly mtime?: AttrTime | undefined;
  readonly ctime?: AttrTime | undefined;
  /** S_IFMT bits of st_mode. */
  readonly kind?: number | undefined;
  /** All twelve permission bits. */
  readonly perm?: number | undefined;
  readonly nlink?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly rdev?: number | undefined;
}

/**
 * How bytes are damaged, in 1 to `maxOccurrences` pieces of 1 to `maxLength` bytes, anywhere. `flip`: one bit of each. On reads
 * alone: `misplaced`, they are those of another block of the file; `stale`, those before the last write; `sticky`, as `flip`, and
 * the same at every read until they are overwritten.
 */
export interface Mistake {
  readonly filling: 'zero' | 'random' | 'flip' | 'misplaced' | 'stale' | 'sticky';
  readonly maxOccurrences: number;
  readonly maxLength: number;
}

/** How much larger files may become, and the error beyond that. */
export interface Capacity {
  readonly bytes: number;
  readonly errno: number;
}

interface Matching {
  /** Of the whole path in the container; `undefined` matches all. */
  readonly matchesPath: ((path: string) => boolean) | undefined;
  /**
   * `undefined` is every request, named or not. An attrOverride applies to every reply with attributes, whatever is
   * here.
   */
  readonly methods: ReadonlySet<Method> | undefined;
  /** Which of the matching requests; default: all. */
  readonly trigger?: TriggerTerms;
  /** Only requests of programs that change or sync something. */
  readonly changesOnly?: boolean;
}

/** One rule. The order of rules is the order of the documents. */
export type IoRule =
  /** Waits before the operation. */
  | (Matching & DelayTerms & { readonly action: 'latency' })
  /** Waits as long as what went before takes. */
  | (Matching & { readonly action: 'limit'; readonly limit: Limit })
  /** Answers with an error once files have become that much larger. */
  | (Matching & { readonly action: 'capacity'; readonly capacity: Capacity })
  /** Answers with an error instead of the operation. */
  | (Matching & {
      readonly action: 'fault';
      readonly errno: number;
      readonly unsynced?: AfterFailedSync | undefined;
    })
  | (Matching & { readonly action: 'attrOverride'; readonly attr: AttrOverride })
  /** Damages what a read returns and what a write stores: writes damage the real file. */
  | (Matching & { readonly action: 'mistake'; readonly mistake: Mistake })
  /** Does nothing: its owner is told of each request. */
  | (Matching & { readonly action: 'observe' })
  /** From that request on nobody gets an answer, until the rules change: a process that is killed can end. */
  | (Matching & { readonly action: 'halt' })
  /** Keeps what a power failure could take away, of the whole volume: it meets no request. */
  | (Matching & { readonly action: 'powerLoss'; readonly powerLoss: PowerLossSettings });
