import type { SiteSummary } from '@ordeal/node';
import type { Counts, Refusal } from './engine.js';
import type { EndReason } from './journal-entry.js';
import type { TargetName } from './target-name.js';

/**
 * - `pending`: not tried yet
 * - `active`, `paused`: armed
 * - `waiting`: the target is not there (any more); armed again when it is
 * - `failed`: refused, for `refusal`; tried again
 * - `ended`: over for `ended`, and kept until it is removed
 */
export type Phase = 'pending' | 'active' | 'paused' | 'waiting' | 'failed' | 'ended';

/** One injection as it is. Data that can go over a wire: times are milliseconds since 1970. */
export interface Status {
  readonly id: string;
  readonly kind: 'KernelChaos' | 'IOChaos';
  /** The document's name. */
  readonly experiment: string;
  readonly target: TargetName;
  readonly phase: Phase;
  readonly refusal?: Refusal;
  readonly ended?: EndReason;
  readonly since: number;
  readonly deadline?: number;
  readonly paused: boolean;
  /** What is armed is not yet what was asked for last. */
  readonly outdated: boolean;
  /** Tells what the faults are under now from what has the same name after a restart. */
  readonly identity?: string;
  /** How often it was armed, by this supervisor. */
  readonly armings: number;
  /** Since it was first applied, of all armings. */
  readonly counts: Counts;
  readonly sites: readonly SiteSummary[];
  /** What could not be taken back. */
  readonly left: readonly string[];
}
