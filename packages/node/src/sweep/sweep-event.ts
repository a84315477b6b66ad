import type { SweepSummary } from './summarise.js';
import type { Baseline, SweepRun } from './sweep-run.js';

/** What a sweep is about. Two sweeps with the same are parts of one. */
export interface SweepSubject {
  readonly command: readonly string[];
  /** `slab allocations` */
  readonly what: string;
  /** The request as JSON text: fault type, call chain and predicates. */
  readonly request: string;
  /** The call chain with real prototypes, outermost first. */
  readonly under: readonly string[];
  /** `6.1.0-55-amd64` */
  readonly kernel: string;
  readonly stdin: string | undefined;
  readonly prepare: string | undefined;
  readonly check: string | undefined;
  readonly sameOutput: boolean;
}

/** Why a sweep ended. */
export type SweepEnd =
  /** Runs without a fault: every request has had its turn. */
  | 'settled'
  | 'most'
  | 'interrupted'
  /** The kernel reported an oops and is not to be trusted any more. */
  | 'oops'
  /** A process could not be killed. */
  | 'stuck'
  /** The chosen runs are over. */
  | 'only';

/**
 * What happens in a sweep, in order. Everything that `ordeal sweep` prints and writes comes from these, and `--json`
 * prints them as they are, one a line.
 */
export type SweepEvent =
  | {
      readonly type: 'armed';
      readonly subject: SweepSubject;
      /** `fmod_ret on should_failslab` */
      readonly mechanism: string;
      /** The number of the first run. */
      readonly from: number;
    }
  | ({ readonly type: 'baseline' } & Baseline)
  | ({ readonly type: 'run' } & SweepRun)
  | {
      /** The end of what a chosen run printed. */
      readonly type: 'output';
      readonly n: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | {
      readonly type: 'progress';
      /** The number of the last run. */
      readonly done: number;
      /** How many runs there will be, about. */
      readonly estimate: number;
      readonly etaMs: number;
      /** Runs so far that ended as none should. */
      readonly failures: number;
    }
  | { readonly type: 'note'; readonly message: string }
  | {
      readonly type: 'done';
      readonly end: SweepEnd;
      readonly elapsedMs: number;
      readonly summary: SweepSummary;
    };

export type SweepEventListener = (event: SweepEvent) => void;
