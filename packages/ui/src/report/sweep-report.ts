import type { Outcome, Row } from './report.js';

/** What is known of a sweep, in the words that a person reads. */
export interface SweepReport {
  readonly title: string;
  readonly outcome: Outcome;
  readonly facts: readonly Row[];
  /** Names of the outcomes that happened, worst first: the columns of the matrix. */
  readonly outcomes: readonly string[];
  /** Worst first. */
  readonly sites: readonly ReportedSite[];
  readonly failures: readonly FailedSite[];
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
  /** The document or the list that says what was made to fail. */
  readonly request: string;
  /** The command line which repeats it. */
  readonly repeat: string;
}

/** Where requests failed, and what came of it. */
export interface ReportedSite {
  /** `fsync t.db`, or the kernel functions, outermost first. */
  readonly place: string;
  /** It has an outcome that should not be. */
  readonly failed: boolean;
  /** How many runs had each of the outcomes. */
  readonly counts: readonly number[];
  /** `exit 1, "out of memory"` */
  readonly words: string;
}

/** The first run of a site that has the worst of its outcomes. */
export interface FailedSite {
  /** `run 231: wrong, database disk image is malformed` */
  readonly title: string;
  readonly place: string;
  /** The command line which repeats this run. */
  readonly repeat: string;
  /** What a power cut took away, a line for each file. */
  readonly lost: readonly string[];
  /** The last lines that the program wrote. */
  readonly lastLines: readonly string[];
  readonly kernelLog: readonly string[];
}
