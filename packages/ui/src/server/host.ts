import type { Change, Check, ShownRun, Template, Wanted } from '../shown-run.js';

/** What the page's server needs of a machine or a cluster. All texts are for a person. */
export interface Host {
  /** Its name. */
  readonly name: string;
  /** Undefined where the page starts nothing. */
  readonly starting: Starting | undefined;
  /** Returns when it is done. @throws Error */
  change(change: Change, name: string): Promise<void>;
  /** The report of a run, an HTML file. @throws Error */
  report(name: string): Promise<string>;
  /** The runs as they are now. @throws Error */
  runs(): Promise<readonly ShownRun[]>;
  /** An error in the words of the command line. */
  errorText(error: unknown): string;
}

/** How runs are started from the page. */
export interface Starting {
  readonly templates: readonly Template[];
  /** What is wrong with a document. */
  check(document: string): Promise<Check>;
  /** What a start would do, and whom it would meet. Touches nothing. @throws Error with what prevents it */
  plan(wanted: Wanted): Promise<string>;
  /** @returns the name of the run. @throws Error with what prevents it */
  start(wanted: Wanted): Promise<string>;
}
