import type { FaultBins } from '@ordeal/node';
import type { Refusal } from '../engine.js';
import type { EntryRules } from '../journal.js';
import type { TargetName } from '../target-name.js';
import type { RunSpec } from './run-spec.js';
import type { RunEndReason, RunStatus } from './run-status.js';

/** One injection of a run. */
export interface Placement {
  /** The supervisor's id for it. */
  readonly id: string;
  /** The key of its document in the run. */
  readonly part: string;
  readonly document: string;
  readonly target: TargetName;
  /** Milliseconds since 1970. */
  readonly deadline?: number;
  readonly seed?: number;
  /** Whether its faults are recorded. */
  readonly reported?: true;
}

/** The persistent state of one run. */
export interface RunEntry {
  readonly spec: RunSpec;
  /** When it was started, milliseconds since 1970. */
  readonly since: number;
  readonly paused: boolean;
  readonly placements: readonly Placement[];
  /** How many there were so far: the number of the next one. */
  readonly placed: number;
  /** Faults of placements that are over and were forgotten. */
  readonly fired: number;
  /** The run is being stopped, for this reason. */
  readonly stopping?: RunEndReason;
  /** The run has ended: its last status. */
  readonly last?: RunStatus;
  /** Why nothing is written to its record any more. */
  readonly unrecorded?: Refusal;
  /** With it: its faults over time. */
  readonly history?: FaultBins;
}

export const RUNS: EntryRules<RunEntry> = {
  idOf: ({ spec }) => spec.name,
  isWhole: ({ spec, since, paused, placements, placed, fired }) =>
    typeof spec?.name === 'string' &&
    Array.isArray(spec.documents) &&
    typeof spec.target?.kind === 'string' &&
    typeof since === 'number' &&
    typeof paused === 'boolean' &&
    Array.isArray(placements) &&
    typeof placed === 'number' &&
    typeof fired === 'number',
};
