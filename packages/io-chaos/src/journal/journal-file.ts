import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { draftOf, lockWholeFile, syncDirectory } from '@ordeal/linux';
import { formatJournal, type Journal, parseJournal } from './journal.js';

export const JOURNAL_SUFFIX = '.json';

/** Where the journals of a run directory are. */
export function journalDirectory(runDirectory: string): string {
  return join(runDirectory, 'io');
}

/**
 * The journal of one injection, locked (flock(2)) from the first write until it is closed or removed, or this process
 * ends. Only the holder of the lock may undo the injection.
 */
export class JournalFile {
  readonly #runDirectory: string;
  #journal: Journal;
  #descriptor: number;

  /** Writes a new one. @throws OrdealError ORD-715 */
  static create(runDirectory: string, journal: Journal): JournalFile {
    return new JournalFile(runDirectory, journal, writeWhole(runDirectory, journal));
  }

  /** @param descriptor with the lock, of which this becomes the owner */
  constructor(runDirectory: string, journal: Journal, descriptor: number) {
    this.#runDirectory = runDirectory;
    this.#journal = journal;
    this.#descriptor = descriptor;
  }

  get journal(): Journal {
    return this.#journal;
  }

  /** Changes a part of it, atomically. @throws OrdealError ORD-715 */
  write(news: Partial<Journal>): void {
    const journal = { ...this.#journal, ...news };
    const descriptor = writeWhole(this.#runDirectory, journal);
    this.close();
    this.#journal = journal;
    this.#descriptor = descriptor;
  }

  /** Removes it, and temporary files of killed writers beside it. */
  remove(): void {
    const { id } = this.#journal;
    const directory = journalDirectory(this.#runDirectory);
    rmSync(pathOf(this.#runDirectory, id), { force: true });
    this.close();
    try {
      for (const name of readdirSync(directory)) {
        if (name.startsWith(`${id}.`)) rmSync(join(directory, name), { force: true });
      }
    } catch {
      // It is no longer read then.
    }
  }

  /** Releases the lock. Idempotent. */
  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }
}

/** The current content of a journal, whoever holds its lock; `undefined` if it does not exist or cannot be read. */
export function readJournal(runDirectory: string, id: string): Journal | undefined {
  try {
    const parsed = parseJournal(readFileSync(pathOf(runDirectory, id), 'utf8'));
    return parsed.kind === 'journal' ? parsed.journal : undefined;
  } catch {
    return undefined;
  }
}

/** A journal that was opened to be read; its owner closes the descriptor. */
export interface OpenJournal {
  readonly descriptor: number;
  /** Whether the lock was free, and now belongs to this descriptor. */
  readonly locked: boolean;
}

/** Opens a journal and tries to lock it. @throws what openSync throws, SyscallError */
export function openJournal(path: string): OpenJournal {
  for (;;) {
    const descriptor = openSync(path, 'r');
    try {
      const locked = lockWholeFile(descriptor, 'flock');
      // If it has no name, the former holder of the lock has replaced or removed it.
      if (!locked || fstatSync(descriptor).nlink > 0) return { descriptor, locked };
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    closeSync(descriptor);
  }
}

/** Atomically and durably. @returns a descriptor that has the lock */
function writeWhole(runDirectory: string, journal: Journal): number {
  const { id } = journal;
  const journals = journalDirectory(runDirectory);
  const draft = draftOf(join(journals, id));
  let descriptor: number | undefined;
  try {
    // One level at a time: for several at once, Node reports ENOENT if the file system is read-only.
    for (const directory of [runDirectory, journals]) {
      if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
    }
    descriptor = openSync(draft, 'wx', 0o600);
    // Before it has its name, so that no other process can get it.
    lockWholeFile(descriptor, 'flock');
    writeFileSync(descriptor, formatJournal(journal));
    fsyncSync(descriptor);
    renameSync(draft, pathOf(runDirectory, id));
    syncDirectory(journals);
    return descriptor;
  } catch (cause) {
    rmSync(draft, { force: true });
    if (descriptor !== undefined) closeSync(descriptor);
    throw new OrdealError('ORD-715', `the journal cannot be written: ${(cause as Error).message}`, { cause });
  }
}

function pathOf(runDirectory: string, id: string): string {
  return join(journalDirectory(runDirectory), id + JOURNAL_SUFFIX);
}
