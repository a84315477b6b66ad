import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommandLine, readProcessStatus } from '@ordeal/linux';
import { type Journal, parseJournal } from '../journal/journal.js';
import { JOURNAL_SUFFIX, journalDirectory } from '../journal/journal-file.js';
import { isAlive, type ProcessName } from '../process-name.js';

/** Ticks of field 22 of /proc/PID/stat in a second: USER_HZ, the same on all architectures that are supported. */
const TICKS = 100;

/**
 * The owner of a cover, for a message: `of process 4211 (ordeal run io.yaml --pid 7), since 2026-11-28T08:12:03Z`.
 * Undefined if there is no journal of it here: it is in another container or directory.
 *
 * @param source of the mount in mountinfo
 */
export function coverOwner(runDirectory: string, source: string): string | undefined {
  const journal = journals(journalDirectory(runDirectory)).find((each) => each.source === source);
  if (journal === undefined) return undefined;
  const { keeper } = journal;
  if (!isAlive(keeper)) return 'of a run that was killed; `ordeal recover` cleans up';
  const parent = readProcessStatus(keeper.pid)?.parent ?? 0;
  const words = readCommandLine(parent);
  const program = words.findIndex((word) => /(^|\/)ordeal(-agent)?(\.mjs)?$/.test(word));
  const since = startOf(keeper)?.replace(/\.\d+Z$/, 'Z') ?? 'an unknown time';
  // A keeper whose run has ended belongs to another parent.
  if (program < 0) return `of process ${keeper.pid}, since ${since}`;
  const line = words
    .slice(program)
    .join(' ')
    .replace(/^\S*\/(ordeal(-agent)?)(\.mjs)?/, '$1');
  return `of process ${parent} (${line}), since ${since}`;
}

/** The readable ones; without locks, since they are only inspected. */
function journals(directory: string): Journal[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(JOURNAL_SUFFIX));
    return names.flatMap((name) => {
      const parsed = parseJournal(readFileSync(join(directory, name), 'utf8'));
      return parsed.kind === 'journal' ? [parsed.journal] : [];
    });
  } catch {
    return []; // There are none, or one was removed meanwhile.
  }
}

function startOf({ started }: ProcessName): string | undefined {
  const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  if (boot === undefined) return undefined;
  return new Date((Number(boot) + Number(started) / TICKS) * 1000).toISOString();
}
