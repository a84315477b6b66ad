import type { DesiredInjection } from './desired-injection.js';
import type { Counts } from './engine.js';
import type { EntryRules } from './journal.js';

/** Why an injection is over. */
export type EndReason = 'deadline' | 'target ended' | 'kernel log';

/** What is known of one injection when everybody who held it is dead. */
export interface JournalEntry {
  readonly desired: DesiredInjection;
  /** When it was first asked for, milliseconds since 1970. */
  readonly since: number;
  /** What injections before the present one have counted. */
  readonly counted: Counts;
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
