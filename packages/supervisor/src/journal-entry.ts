import type { DesiredInjection } from './desired-injection.js';
import type { Counts } from './engine.js';
import type { EntryRules } from './journal.js';

/** Why an injection is over. */
export type EndReason = 'deadline' | 'target ended' | 'kernel log';

/** The persistent state of one injection. */
export interface JournalEntry {
  readonly desired: DesiredInjection;
  /** When it was first applied, milliseconds since 1970. */
  readonly since: number;
  /** The counters of injections before the current one. */
  readonly counted: Counts;
  /** Those of the current one, as they were observed last: if this process dies, its successor goes on from there. */
  readonly observed?: Counts;
  /** It is over, and kept until it is removed. */
  readonly ended?: { readonly reason: EndReason; readonly at: number };
}

export const INJECTIONS: EntryRules<JournalEntry> = {
  idOf: ({ desired }) => desired.id,
  isWhole: ({ since, counted, desired }) =>
    typeof since === 'number' &&
    typeof counted === 'object' &&
    typeof desired?.id === 'string' &&
    typeof desired.document === 'string' &&
    typeof desired.paused === 'boolean' &&
    typeof desired.target?.kind === 'string',
};
