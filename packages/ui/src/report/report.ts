import type { Bins } from '../chart-path.js';

/** What is known of a run when it is over, in the words that a person reads. */
export interface Report {
  readonly title: string;
  readonly outcome: Outcome;
  readonly facts: readonly Row[];
  readonly experiments: readonly ReportedExperiment[];
  readonly faults: readonly FaultTimeline[];
  /** What happened, oldest first. */
  readonly story: readonly StoryEntry[];
  /** What became of the target's processes, a line for each. */
  readonly processes: readonly string[];
  readonly documents: readonly string[];
  /** The command line which repeats it; undefined if there is none. */
  readonly repeat: string | undefined;
}

export interface Outcome {
  readonly kind: 'ok' | 'failed';
  readonly words: string;
}

export type Row = readonly [name: string, text: string];

/** One experiment and what came of it. */
export interface ReportedExperiment {
  readonly name: string;
  /** `write under /data fails with EIO` */
  readonly summary: string;
  readonly rows: readonly Row[];
  readonly tables: readonly Table[];
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The faults of one experiment over time. */
export interface FaultTimeline {
  readonly name: string;
  readonly bins: Bins;
}

export interface StoryEntry {
  /** ISO time. */
  readonly at: string;
  /** One or several lines. */
  readonly text: string;
}
