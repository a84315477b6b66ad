import type { MoveReport } from '@ordeal/move';

/** Something that the user should know and that does not change the result of a run. */
export type RunNote =
  /** Warnings and OOM kills are not seen. */
  | { readonly kind: 'kernel log unreadable' }
  /** Writes that are buffered are not recognised as those of the command. */
  | { readonly kind: 'writeback unattributed' }
  /** The command is killed if it does not end in time. */
  | { readonly kind: 'interrupt sent'; readonly killedAfterMs: number }
  /** Selectors that only a cluster can evaluate. */
  | { readonly kind: 'not evaluated'; readonly experiment: string; readonly selectors: readonly string[] }
  /** Its Schedule forbids that it runs twice. */
  | { readonly kind: 'still runs'; readonly experiment: string }
  /** @property reason the message of an error, as in all kinds */
  | { readonly kind: 'not started'; readonly experiment: string; readonly reason: string }
  | { readonly kind: 'volume missing'; readonly target: string; readonly reason: string }
  | { readonly kind: 'faults refused'; readonly experiment: string; readonly reason: string }
  /** A thing of the target that was not moved. */
  | ({ readonly kind: 'kept' } & MoveReport['left'][number])
  | { readonly kind: 'more kept'; readonly count: number }
  /** Processes beside the target that keep files. */
  | { readonly kind: 'others keep'; readonly processes: number }
  | { readonly kind: 'not moved back'; readonly what: string }
  /** What the keeper of a volume says. */
  | { readonly kind: 'keeper'; readonly message: string };
