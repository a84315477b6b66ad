import type { LeftBehind } from './sides.js';

/** What a move would do to one process. */
export interface PlannedProcess {
  readonly pid: number;
  readonly threads: number;
  /** Why nothing of the process can be moved. */
  readonly refused: string | undefined;
  readonly descriptors: readonly string[];
  readonly directories: readonly string[];
  readonly mappings: readonly string[];
  readonly left: readonly LeftBehind[];
}

/** Everything that a move would do now. Processes that have nothing on the old side are left out. */
export interface MovePlan {
  readonly processes: readonly PlannedProcess[];
}

/** The result for one process, over all passes. */
export interface MovedProcess {
  readonly pid: number;
  threads: number;
  descriptors: number;
  directories: number;
  mappings: number;
  /** Bytes that it had written through mappings and that no server had received. */
  savedBytes: number;
  /** How long the process was stopped, once for each pass in which it was. */
  readonly stopsMs: number[];
  /** It ended while it was moved. */
  ended: boolean;
}

/** The result of a move. */
export interface MoveReport {
  readonly processes: readonly MovedProcess[];
  /** How often processes were stopped until nothing was left to move. */
  readonly passes: number;
  /** What is still on the old side, with its process. */
  readonly left: readonly (LeftBehind & { readonly pid: number })[];
}
