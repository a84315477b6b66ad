import type { MovePlan, MoveReport } from '../move/report.js';

/** What a mover is started with; descriptor 4 is the old side's root, 5 the new side's. */
export interface MoverJob {
  readonly kind: 'plan' | 'run';
  /** A process that sees the volume. */
  readonly pid: number;
  /** Processes to be looked at besides those that see what `pid` sees. */
  readonly also: readonly number[];
  /** Processes to be left alone: those of the injection itself. */
  readonly except: readonly number[];
  /** Whether the old side is a server's: `served` answers, a `dead` one does not. */
  readonly oldSide: 'bare' | 'served' | 'dead';
  /** Take files by name where inode numbers may be wrong. */
  readonly trustNames: boolean;
}

/** What a mover answers. */
export type MoverAnswer =
  | { readonly plan: MovePlan }
  | { readonly report: MoveReport }
  | { readonly code: string; readonly refusal: string };
