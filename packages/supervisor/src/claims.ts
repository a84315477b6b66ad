import { OrdealError } from '@ordeal/diagnostics';
import { type Released, releaseClaimed } from '@ordeal/io-chaos';
import { type DesiredInjection, workOf } from './desired-injection.js';
import { addCounts, countsBeyond, NO_COUNTS } from './engine.js';
import { countsOf } from './io-engine.js';
import type { JournalEntry } from './journal-entry.js';

/** The claim on the faults of an injection. */
export function claimOf(directory: string, id: string): string {
  return `${directory}\n${id}`;
}

/** The id of the injection with this claim. */
export function idOfClaim(directory: string, claim: string): string {
  return claim.slice(claimOf(directory, '').length);
}

/** Where a dead supervisor may have left something. */
export interface LeftVolumes {
  readonly runDirectory: string;
  /** Of its journal. */
  readonly directory: string;
  /** Ids of the I/O injections that are held there. */
  readonly held: readonly string[];
}

/**
 * Lifts what a dead supervisor of a directory held and its journal does not ask for any more: it died while it removed,
 * paused or moved them.
 *
 * @returns the entries, with what these have counted
 */
export async function releaseUnwanted(
  { runDirectory, directory, held }: LeftVolumes,
  entries: readonly JournalEntry[],
): Promise<JournalEntry[]> {
  const wanted = new Map(entries.flatMap((entry) => wantedOf(directory, entry)));
  const released = await releaseClaimed(
    runDirectory,
    held,
    ({ claim, path }) => !claim.startsWith(claimOf(directory, '')) || wanted.get(claim) === path,
  );
  return entries.map((entry) => withCounts(entry, released, claimOf(directory, entry.desired.id)));
}

/** What must be held for an entry: its claim, and the path of its volume. */
function wantedOf(directory: string, { desired, ended }: JournalEntry): [string, string][] {
  const { paused, deadline = Number.POSITIVE_INFINITY } = desired;
  if (paused || ended || deadline <= Date.now()) return [];
  const path = volumeOf(desired);
  return path === undefined ? [] : [[claimOf(directory, desired.id), path]];
}

function volumeOf(desired: DesiredInjection): string | undefined {
  try {
    const work = workOf(desired);
    return work.kind === 'io' ? work.spec.volumePath : undefined;
  } catch (error) {
    // It is refused when it is armed.
    if (error instanceof OrdealError) return undefined;
    throw error;
  }
}

function withCounts(entry: JournalEntry, released: readonly Released[], claim: string): JournalEntry {
  const own = released.filter((each) => each.claim === claim);
  if (own.length === 0) return entry;
  const { observed = NO_COUNTS, counted, ...rest } = entry;
  const last = own.map(({ counts }) => countsOf(counts[0])).reduce(addCounts);
  return { ...rest, counted: [last, countsBeyond(observed, last)].reduce(addCounts, counted) };
}
