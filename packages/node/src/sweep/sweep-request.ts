import type { FailKernRequest, IOChaosSpec } from '@ordeal/experiment';
import type { KeeperProcess } from '@ordeal/io-chaos';
import type { Mechanism } from '@ordeal/kernel-chaos';
import type { SweepEventListener } from './sweep-event.js';
import type { SweepState } from './sweep-state.js';
import type { SweptCall } from './swept-calls.js';

/** Kernel requests of a document, which fail one at a time. */
export interface KernelSweep {
  readonly kind: 'kernel';
  readonly file: string;
  readonly request: FailKernRequest;
}

/** I/O requests of a document, which fail one at a time; or changes before which the power is cut. */
export interface IoSweep {
  readonly kind: 'io';
  readonly spec: IOChaosSpec;
  /** In the n-th run all requests from the n-th on fail. */
  readonly from: boolean;
  /** How many crash states are made of each change. */
  readonly states: number;
}

/** System calls, each with its own error, which fail one at a time. */
export interface SystemCallSweep {
  readonly kind: 'system calls';
  /** Undefined = those with a typical error, as far as the kernel has them. */
  readonly calls: readonly SweptCall[] | undefined;
}

/** A sweep on this host: the command again and again, each time with one fault. */
export interface SweepRequest {
  readonly command: readonly string[];
  /** Which requests fail one at a time; undefined = every slab allocation. */
  readonly what: KernelSweep | IoSweep | SystemCallSweep | undefined;
  readonly mechanism: Mechanism | undefined;
  /** This is the lab's VM: spares the allocations of its own file system, see {@link spareLabFiles}. */
  readonly inLab: boolean;
  /** Milliseconds that a run may take. */
  readonly limitMs: number;
  /** A file that is the command's standard input in every run. */
  readonly stdin: string | undefined;
  /** A shell command that runs before every run, without faults. */
  readonly prepare: string | undefined;
  /** A shell command that checks whether a run that ended as without a fault did its work. */
  readonly check: string | undefined;
  /** The standard output must be the same as without a fault, too. */
  readonly sameOutput: boolean;
  /** The sweep is over after this many runs in a row without a fault. */
  readonly settle: number;
  /** The limit of runs now; a later sweep may continue. */
  readonly most: number;
  /** Only these runs, with their output. */
  readonly only: readonly number[] | undefined;
  /** The state of an earlier sweep of the same command, continued after its last run. */
  readonly resume: SweepState | undefined;
  /** Ends the sweep; the current run is not counted. */
  readonly signal: AbortSignal;
  readonly onEvent: SweepEventListener;
  /** Holds the volume of a sweep over I/O; the caller's. */
  readonly keeper: KeeperProcess;
}

/** The place of what no document says. */
const NOWHERE = { line: 1, column: 1, length: 1 };

/** Every slab allocation. */
export const EVERY_SLAB_ALLOCATION: FailKernRequest = {
  failtype: 0,
  function: undefined,
  errno: undefined,
  places: { function: NOWHERE, errno: NOWHERE },
  headers: [],
  callchain: [],
  probability: 100,
  after: undefined,
  every: undefined,
  seed: undefined,
  times: 0,
};
