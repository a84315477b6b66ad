import type { DetachedMount, MovePlan, MoveReport, Rescue } from '@ordeal/move';

/** What a mover is told to do; descriptor 4 is the new side's root, 5 the old side's where there is one. */
export interface MoverJob {
  readonly kind: 'plan' | 'run';
  /** The process that started it; if that has died, it does nothing. */
  readonly parent: number;
  /** A process that sees the volume. */
  readonly pid: number;
  /** Processes to be looked at besides those that see what `pid` sees. */
  readonly also: readonly number[];
  /** Processes to leave alone: those of the injection itself. */
  readonly except: readonly number[];
  /** Whether the old side is a server's: `served` answers, a `dead` one does not. */
  readonly oldSide: 'bare' | 'served' | 'dead';
  /** The old side, where it is a mount that has been taken off its place and of which no descriptor is left. */
  readonly detached?: DetachedMount;
  /** The connection to a `dead` server, where it stands still: the mover ends it. */
  readonly connection?: number;
  /** A process that has the files of the old side open on the new side: its server, or who holds them after it. */
  readonly descriptorKeeper?: number;
  /** Whether locks on the old side are the descriptor keeper's, on the original files. */
  readonly locksHeld?: boolean;
  /** Which data is saved that a `dead` server never received. */
  readonly rescue?: Rescue;
  /** Take files by name where inode numbers may be wrong. */
  readonly trustNames: boolean;
}

/**
 * What a mover says: that it asks the old side's server for a first answer, that it has it, and at last what it did.
 */
export type MoverMessage = { readonly kind: 'asking' | 'answered' } | MoverAnswer;

export type MoverAnswer =
  | { readonly kind: 'planned'; readonly plan: MovePlan }
  | { readonly kind: 'moved'; readonly report: MoveReport }
  | { readonly kind: 'refused'; readonly code: string; readonly refusal: string };
