import type { Bins } from './chart-path.js';

/** One run as the page shows it: words, and numbers to draw. */
export interface ShownRun {
  readonly name: string;
  /** `active` */
  readonly state: string;
  /** It can be paused, resumed and stopped. */
  readonly live: boolean;
  readonly paused: boolean;
  /** What each document does. */
  readonly summaries: readonly string[];
  /** `pid 4211` */
  readonly target: string;
  /** `fired 67   write 67 of 137   23 s left` */
  readonly counts: string;
  /** Why something is refused; empty where nothing is. */
  readonly refusal: string;
  readonly faults: Bins;
}

/** A document to begin with. */
export interface Template {
  readonly name: string;
  readonly title: string;
  /** What happens, whom it hit, what a good program does. */
  readonly description: string;
  readonly document: string;
}

/** What a person wants to start. */
export interface Wanted {
  readonly document: string;
  readonly kind: TargetKind;
  /** The process id, path or name of the target. */
  readonly target: string;
}

export const TARGET_KINDS = ['pid', 'cgroup', 'container'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** What is to be said about a document. */
export interface Check {
  /** It can be started. */
  readonly ok: boolean;
  /** Every problem with its line and a caret, and their number. */
  readonly text: string;
}

/** What the page gets each time: the runs, or why they are not known. */
export interface Snapshot {
  readonly runs: readonly ShownRun[];
  /** Empty where all is well. */
  readonly error: string;
}

export const CHANGES = ['pause', 'resume', 'stop'] as const;
export type Change = (typeof CHANGES)[number];
