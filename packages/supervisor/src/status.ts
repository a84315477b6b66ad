import type { SiteSummary } from '@ordeal/node';
import type { Counts, Refusal } from './engine.js';
import type { EndReason } from './journal-entry.js';
import type { TargetName } from './target-name.js';

/**
 * - `pending`: not tried yet
 * - `active`, `paused`: armed
 * - `waiting`: the target does not exist (any more); armed again when it does
 * - `failed`: refused, because of `refusal`; retried
 * - `ended`: over, because of `ended`; kept until it is removed
 */
export type Phase = 'pending' | 'active' | 'paused' | 'waiting' | 'failed' | 'ended';

/** The status of one injection, serialisable. Times are milliseconds since 1970. */
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
  /** Distinguishes the current target from one of the same name after a restart. */
  readonly identity?: string;
  /** How often it was armed, by this supervisor. */
  readonly armings: number;
  /** Since it was first applied, over all armings. */
  readonly counts: Counts;
  readonly sites: readonly SiteSummary[];
  /** What could not be lifted. */
  readonly left: readonly string[];
}
