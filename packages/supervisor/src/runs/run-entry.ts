import type { FaultBins } from '@ordeal/node';
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
}

/** What is known of one run when everybody who held it is dead. */
export interface RunEntry {
  readonly spec: RunSpec;
  /** When it was started, milliseconds since 1970. */
  readonly since: number;
  readonly paused: boolean;
  readonly placements: readonly Placement[];
  /** How many were ever made: the next one's number. */
  readonly placed: number;
  /** Faults of placements that are over and were forgotten. */
  readonly fired: number;
  /** It is being ended, for this reason. */
  readonly stopping?: RunEndReason;
  /** It is over: how it was at its end. */
  readonly last?: RunStatus;
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
