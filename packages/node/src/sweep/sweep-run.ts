import type { Outcome } from './outcome.js';
import type { RunExit } from './run-exit.js';

/** One run of the command, with at most one fault. The same in events, reports and the state of a sweep. */
export interface SweepRun {
  /** Which matching request was to fail, counted from 1. */
  readonly n: number;
  /** `no fault` where fewer requests matched. */
  readonly outcome: Outcome | 'no fault';
  /** The outcome in words: `exit 1, "out of memory"`. */
  readonly words: string;
  readonly exit: RunExit;
  /**
   * Functions under which the request failed, outermost first; empty without a fault, or where the kernel could not
   * keep the stack.
   */
  readonly stack: readonly string[];
  /** Name of the thread whose request failed; empty without a fault. */
  readonly thread: string;
  readonly elapsedMs: number;
  /** The last lines that the command printed, of its error output where there are any. */
  readonly lastLines: readonly string[];
  /** What the kernel complained of meanwhile. */
  readonly kernelLog: readonly string[];
}

/** The command without a fault. */
export interface Baseline {
  readonly exit: RunExit;
  /** How many requests matched: about as many runs will come. */
  readonly matches: number;
  readonly elapsedMs: number;
  /** SHA-256 of the standard output, hexadecimal. */
  readonly stdout: string;
}
