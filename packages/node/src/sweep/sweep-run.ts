import type { SweptCut, SweptRequest } from './armed-sweep.js';
import type { Outcome } from './outcome.js';
import type { RunExit } from './run-exit.js';

/** One run of the command, with at most one fault. The same in events, reports and the state of a sweep. */
export interface SweepRun {
  /** Which matching request was to fail, counted from 1. */
  readonly n: number;
  /** `no fault` where fewer requests matched. */
  readonly outcome: Outcome | 'no fault';
  /** A description of the outcome: `exit 1, "out of memory"`. */
  readonly words: string;
  readonly exit: RunExit;
  /**
   * Functions under which the request failed, outermost first; of an I/O request only its method and file:
   * `fsync t.db`. Empty without a fault, or if the kernel could not keep the stack.
   */
  readonly stack: readonly string[];
  /** Of a sweep over I/O: what failed. */
  readonly request?: SweptRequest;
  /** Of a sweep of power cuts: what was lost, where the run was shown or its check failed. */
  readonly cut?: SweptCut;
  /** Name of the thread whose request failed; empty without a fault. */
  readonly thread: string;
  readonly elapsedMs: number;
  /** The last lines of the command's output, from its error output if there are any. */
  readonly lastLines: readonly string[];
  /** Kernel messages during the run. */
  readonly kernelLog: readonly string[];
}

/** The command without a fault. */
export interface Baseline {
  readonly exit: RunExit;
  /** How many requests matched: about as many runs will come. */
  readonly matches: number;
  /** Of a sweep over several system calls: the matches of each, in its order. They say which call the n-th match is. */
  readonly matchesOfEach?: readonly number[];
  readonly elapsedMs: number;
  /** SHA-256 of the standard output, hexadecimal. */
  readonly stdout: string;
}
