import type { Experiment } from '@ordeal/experiment';
import type { KeeperProcess } from '@ordeal/io-chaos';
import type { Mechanism } from '@ordeal/kernel-chaos';
import type { RunEventListener } from './run-event.js';

/** Where the targets come from. */
export type TargetChoice =
  /** A process with all its descendants. */
  | { readonly kind: 'pid'; readonly pid: number }
  /** A cgroup v2 directory, absolute or relative to the hierarchy's root. */
  | { readonly kind: 'cgroup'; readonly path: string }
  /** A running container by id (or a unique prefix of it). */
  | { readonly kind: 'container'; readonly id: string }
  /** The running containers that each document's own selector and mode choose. */
  | { readonly kind: 'selector' }
  /** A command that is started for the run, in its own cgroup. */
  | { readonly kind: 'command'; readonly command: readonly string[] };

/** Which requests of an experiment meet faults, as in an earlier run. */
export interface ReplayedFaults {
  readonly seed: number | undefined;
  /** Their numbers among those that an IOChaos matched, from 1; undefined = as the document and the seed say. */
  readonly matches: readonly number[] | undefined;
}

/** A run in the foreground on this host. */
export interface RunRequest {
  /** Parsed and without errors. */
  readonly experiments: readonly Experiment[];
  readonly target: TargetChoice;
  /** Use this mechanism or fail; undefined = the first that works. */
  readonly mechanism: Mechanism | undefined;
  /** With a command: nanoseconds it runs before the first fault; 0 = faults begin at its first instruction. */
  readonly before: bigint;
  /** With a command and no `before`: faults affect its exec, too. */
  readonly withExec: boolean;
  /** Replaces the documents' durations, nanoseconds. */
  readonly duration: bigint | undefined;
  /** With a command: it is terminated this many nanoseconds after the faults were lifted; undefined = it may continue. */
  readonly after: bigint | undefined;
  /** This is the lab's VM: requests without a call chain spare the allocations of its own file system. */
  readonly inLab: boolean;
  /** A run in which no fault happened fails. */
  readonly requireFaults: boolean;
  /** The standard output of the command becomes this process's standard error. */
  readonly outputToError: boolean;
  /** For what is random in documents without a seed; undefined = one is drawn at each start of an experiment. */
  readonly seed?: number | undefined;
  /** Faults of an earlier run, by the name of their experiment; undefined = as the documents say. */
  readonly replay?: ReadonlyMap<string, ReplayedFaults> | undefined;
  /** A command line that repeats the run, for the last event of one that failed. */
  readonly repeat?: string | undefined;
  /** Report each fault by an event of its own. */
  readonly faults: boolean;
  /** Milliseconds between `counters` events. */
  readonly interval: number;
  /** Ends the run: faults are lifted, the command gets SIGINT, and SIGKILL when it does not end. */
  readonly signal: AbortSignal;
  readonly onEvent: RunEventListener;
  /** For volumes that nobody holds; the caller's. */
  readonly keeper: KeeperProcess;
}

/** How a run ended. */
export interface RunOutcome {
  /**
   * With a command its exit code, or 128 + signal number. If that is 0, or without a command: one of
   * {@link RUN_EXIT}.
   */
  readonly exitCode: number;
}
