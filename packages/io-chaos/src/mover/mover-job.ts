import type { DetachedMount, MovePlan, MoveReport, Rescue } from '@ordeal/move';

/** A task for a mover. */
export interface MoverJob {
  readonly kind: 'plan' | 'run';
  /** The process that started it; if that has died, it does nothing. */
  readonly parent: number;
  /** Roots of the two sides, as descriptors of the parent. `from` may be missing if the old side is `detached`. */
  readonly from: number | undefined;
  readonly to: number;
  /** A process that sees the volume. */
  readonly pid: number;
  /** Processes to inspect besides those that see what `pid` sees. */
  readonly also: readonly number[];
  /** Processes to leave alone: those of the injection itself. */
  readonly except: readonly number[];
  /** Whether the old side has a server: a `served` one answers, a `dead` one does not. */
  readonly oldSide: 'bare' | 'served' | 'dead';
  /** The old side, if it is a detached mount of which no descriptor is left. */
  readonly detached?: DetachedMount;
  /** The connection to a `dead` server, if it still exists: the mover ends it. */
  readonly connection?: number;
  /**
   * A process that has the files of the old side open on the new side: its server, or the process that holds them
   * after it.
   */
  readonly descriptorKeeper?: number;
  /** Whether the descriptor keeper holds the locks of the old side, on the original files. */
  readonly locksHeld?: boolean;
  /** Which data is saved that a `dead` server never received. */
  readonly rescue?: Rescue;
  /** Identify files by name if inode numbers may be wrong. */
  readonly trustNames: boolean;
}

/**
 * Messages of a mover: that it sends a first request to the old side's server, that it has the answer, its result, and after a
 * move that nothing is left of it and the next task may come. Otherwise it ends.
 */
export type MoverMessage = { readonly kind: 'asking' | 'answered' | 'ready' } | MoverAnswer;

export type MoverAnswer =
  | { readonly kind: 'planned'; readonly plan: MovePlan }
  | { readonly kind: 'moved'; readonly report: MoveReport }
  | { readonly kind: 'refused'; readonly code: string; readonly refusal: string };
