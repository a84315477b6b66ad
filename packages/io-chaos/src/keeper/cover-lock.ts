import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockWholeFile } from '@ordeal/linux';
import { journalDirectory } from '../journal/journal-file.js';

/** Milliseconds between two attempts to get the lock. */
const RETRY = 10;

/**
 * Only one keeper of a run directory at a time checks that a path is free and covers it.
 *
 * @param waiting called before each further attempt; what it throws ends the waiting
 */
export async function withCoverLock<T>(
  runDirectory: string,
  waiting: () => void,
  cover: () => Promise<T>,
): Promise<T> {
  const directory = openSync(journalDirectory(runDirectory), 'r');
  try {
    while (!lockWholeFile(directory, 'flock')) {
      await sleep(RETRY);
      waiting();
    }
    return await cover();
  } finally {
    closeSync(directory);
  }
}
