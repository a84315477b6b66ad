import { closeSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { bootId, removeAbandonedDrafts } from '@ordeal/linux';
import { type Journal, parseJournal } from './journal.js';
import {
  JOURNAL_SUFFIX,
  JournalFile,
  journalDirectory,
  type OpenJournal,
  openJournal,
} from './journal-file.js';

/** The suffix of a journal that was set aside. */
const ASIDE = '.unreadable';

/** A file in the directory of journals. */
export type FoundJournal =
  /** The caller owns it, and closes or removes it. */
  | { readonly kind: 'taken'; readonly file: JournalFile }
  /** Another process has the lock. */
  | { readonly kind: 'held'; readonly journal: Journal }
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/**
 * The journals of this boot, one after the other, each locked if it is free; those of earlier boots are removed. One
 * that cannot be read is kept: under another name if it is damaged, under its own if another version of Ordeal wrote
 * it or it may be readable later.
 *
 * @throws OrdealError ORD-716 if there may be journals that cannot be listed
 */
export function* takeJournals(runDirectory: string): Generator<FoundJournal> {
  const directory = journalDirectory(runDirectory);
  const names = listFiles(directory);
  // Nothing that an unfinished journal records had been done.
  removeAbandonedDrafts(directory, names);
  for (const name of names.filter(isJournal)) {
    const path = join(directory, name);
    const found = name.endsWith(ASIDE)
      ? ({ kind: 'unreadable', path, reason: 'it was set aside before' } as const)
      : take(runDirectory, path);
    if (found) yield found;
  }
}

function isJournal(name: string): boolean {
  return name.endsWith(JOURNAL_SUFFIX) || name.endsWith(ASIDE);
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new OrdealError('ORD-716', `the journals cannot be listed: ${message}`, { cause });
  }
}

/** `undefined` if it is gone, or of an earlier boot. */
function take(runDirectory: string, path: string): FoundJournal | undefined {
  let opened: OpenJournal | undefined;
  try {
    opened = openJournal(path);
    const found = examine(runDirectory, path, opened);
    // Its owner closes the descriptor.
    if (found?.kind === 'taken') opened = undefined;
    return found;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : { kind: 'unreadable', path, reason: message };
  } finally {
    if (opened) closeSync(opened.descriptor);
  }
}

function examine(
  runDirectory: string,
  path: string,
  { descriptor, locked }: OpenJournal,
): FoundJournal | undefined {
  const parsed = parseJournal(readFileSync(descriptor, 'utf8'));
  if (parsed.kind === 'foreign') return { kind: 'unreadable', path, reason: parsed.reason };
  if (parsed.kind === 'damaged') {
    if (!locked) return { kind: 'unreadable', path, reason: parsed.reason };
    renameSync(path, path + ASIDE);
    return { kind: 'unreadable', path: path + ASIDE, reason: parsed.reason };
  }
  const { journal } = parsed;
  if (!locked) return { kind: 'held', journal };
  if (journal.boot === bootId())
    return { kind: 'taken', file: new JournalFile(runDirectory, journal, descriptor) };
  rmSync(path, { force: true });
  return undefined;
}
