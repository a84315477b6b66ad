import type { FaultBins } from '@ordeal/node';
import type { Refusal } from '../engine.js';
import type { EndReason } from '../journal-entry.js';
import type { Status } from '../status.js';
import type { RunTarget } from './run-spec.js';

/**
 * - `arming`: something was not tried yet
 * - `failed`: something is refused, for `refusal`, and tried again
 * - `active`: faults happen
 * - `waiting`: no target is there
 * - `scheduled`: between two times of a Schedule
 */
export type RunState =
  | 'arming'
  | 'failed'
  | 'active'
  | 'paused'
  | 'waiting'
  | 'scheduled'
  | 'stopping'
  | 'ended';

export type RunEndReason = EndReason | 'stopped';

/** The status of a run, serialisable: times are milliseconds since 1970. */
export interface RunStatus {
  readonly name: string;
  readonly state: RunState;
  readonly target: RunTarget;
  /** The text of each document. */
  readonly documents: readonly string[];
  readonly since: number;
  /** The client's duration instead of those of the documents, milliseconds. */
  readonly duration?: number;
  /** For what is random in documents without a seed. */
  readonly seed?: number;
  /** The command line that starts it again, without the seed. */
  readonly repeat?: string;
  /** The file in which its faults are recorded. */
  readonly record?: string;
  /** Why its record is not complete. */
  readonly unrecorded?: Refusal;
  /** When the last of its faults end; undefined if that is not known. */
  readonly deadline?: number;
  /** The next start of a Schedule. */
  readonly next?: number;
  /** Since it was started, of all its injections. */
  readonly fired: number;
  readonly refusal?: Refusal;
  /** The current ones, and those that have ended since the run was started; of a Schedule only the current ones. */
  readonly injections: readonly Status[];
  readonly ended?: RunEnd;
}

/** A run with its faults over time: since its start, or since this supervisor took it over. */
export interface RunWithHistory extends RunStatus {
  readonly history?: FaultBins;
}

export interface RunEnd {
  readonly reason: RunEndReason;
  readonly at: number;
  /** It ended before the duration of some of its faults was over, and not on request. */
  readonly early: boolean;
}

/** The state of a run that is not over, by its injections. Pure. */
export function stateOf(injections: readonly Status[], paused: boolean): RunState {
  const live = injections.filter(({ phase }) => phase !== 'ended');
  const some = (phase: Status['phase']) => live.some((each) => each.phase === phase);
  if (some('failed') || live.some(({ refusal }) => refusal)) return 'failed';
  if (some('pending')) return 'arming';
  if (paused) return 'paused';
  if (some('active')) return 'active';
  return some('waiting') ? 'waiting' : 'scheduled';
}
