import type { UnsyncedReport } from '@ordeal/io-chaos';
import type { LogFinding } from '../kernel-watch.js';
import type { Captured } from './captured-command.js';

/** The observations of one run. */
export interface ObservedRun {
  readonly captured: Captured;
  /** A request failed. */
  readonly fired: boolean;
  /** Requests that matched, the failed one included. */
  readonly matches: number;
  /** Of a sweep over several system calls: those of each, in its order. */
  readonly matchesOfEach?: readonly number[];
  readonly stack: readonly string[];
  readonly thread: string;
  readonly inLauncher: boolean;
  /** Of an I/O request that failed: what it was. */
  readonly request?: SweptRequest | undefined;
  /** The crash state that was made after the run; undefined if none was. */
  readonly cut?: SweptCut | undefined;
  readonly findings: readonly LogFinding[];
}

/** What a cut of the power took away in a run. */
export interface SweptCut extends Pick<UnsyncedReport, 'files' | 'entries'> {
  /** The command had ended by itself before. */
  readonly ended: boolean;
  readonly seed: number;
}

/** An I/O request that failed in a run. */
export interface SweptRequest {
  readonly method: string;
  /** Relative to the volume. */
  readonly path: string;
  /** Of reads and writes, in bytes. */
  readonly offset?: number;
  readonly size?: number;
  /** The n-th request without faults was another one: the program does not do everything in the same order. */
  readonly shifted: boolean;
}

/** A command that can be run with one fault. Armed once for all runs; the owner closes it. */
export interface ArmedSweep {
  /** Whether the kernel log can be read here at all. */
  readonly seesKernelLog: boolean;
  /** Undoes what an earlier run has changed. */
  reset(): Promise<void>;
  /**
   * Runs the command once. No step before or after it meets a fault.
   *
   * @param nth the matching request that fails; 0 = none
   */
  run(nth: number): Promise<ObservedRun>;
  /** Ends the faults and removes the cgroup. A second call does nothing. */
  close(): Promise<void>;
}
