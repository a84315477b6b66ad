import type { Mechanism } from '@ordeal/kernel-chaos';
import type { KernelMeans } from '../armed-faults.js';
import type { SweepSummary } from './summarise.js';
import type { SweepNote } from './sweep-note.js';
import type { Baseline, SweepRun } from './sweep-run.js';

/** The subject of a sweep. Two sweeps with the same subject are parts of one. */
export interface SweepSubject {
  readonly command: readonly string[];
  /** `slab allocations` */
  readonly what: string;
  /** How a run is failed: one request, or all from one on, or by a cut of the power. Default: `once`. */
  readonly how?: 'once' | 'from' | 'cut';
  /** The request as JSON text: fault type, call chain and predicates. */
  readonly request: string;
  /** The call chain with real prototypes, outermost first; of I/O the paths. */
  readonly under: readonly string[];
  /** What failed I/O requests get: `EIO`. */
  readonly error?: string;
  /** `6.1.0-55-amd64` */
  readonly kernel: string;
  readonly stdin: string | undefined;
  readonly prepare: string | undefined;
  readonly check: string | undefined;
  readonly sameOutput: boolean;
}

/** What makes the requests fail. */
export type SweepMeans =
  | ({ readonly kind: 'kernel' } & KernelMeans)
  | { readonly kind: 'system calls'; readonly mechanism: Mechanism; readonly calls: number }
  | { readonly kind: 'io' };

/** Why a sweep ended. */
export type SweepEnd =
  /** Runs without a fault: every request has failed once. */
  | 'settled'
  | 'most'
  | 'interrupted'
  /** The kernel reported an oops and cannot be trusted any more. */
  | 'oops'
  /** A process could not be killed. */
  | 'stuck'
  /** The chosen runs are over. */
  | 'only';

/**
 * The events of a sweep, in order. `ordeal sweep` prints and writes nothing else, and `--json`
 * prints them as they are, one per line.
 */
export type SweepEvent =
  | {
      readonly type: 'armed';
      readonly subject: SweepSubject;
      readonly means: SweepMeans;
      /** The number of the first run. */
      readonly from: number;
    }
  | ({ readonly type: 'baseline' } & Baseline)
  | ({ readonly type: 'run' } & SweepRun)
  | {
      /** The end of a chosen run's output. */
      readonly type: 'output';
      readonly n: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | {
      readonly type: 'progress';
      /** The number of the last run. */
      readonly done: number;
      /** About how many runs there will be. */
      readonly estimate: number;
      readonly etaMs: number;
      /** Runs so far with an unacceptable outcome. */
      readonly failures: number;
    }
  | { readonly type: 'note'; readonly note: SweepNote }
  | {
      readonly type: 'done';
      readonly end: SweepEnd;
      readonly elapsedMs: number;
      readonly summary: SweepSummary;
    };

export type SweepEventListener = (event: SweepEvent) => void;
