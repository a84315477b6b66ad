import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Fd } from './fd.js';
import { lockWholeFile } from './file-locks.js';

/** The name of a temporary file contains the id of its writer. */
const DRAFT = /\.(\d+)-[0-9a-f]{8}\.new$/;

/** The temporary file that this process writes before it becomes `path`: beside it, under a unique name. */
export function draftOf(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.new`;
}

/**
 * Removes the temporary files of writers that were killed.
 *
 * @param names in the directory; it is read if they are not given
 * @throws an error of node:fs
 */
export function removeAbandonedDrafts(directory: string, names = readdirSync(directory)): void {
  for (const name of names) {
    const writer = DRAFT.exec(name)?.[1];
    if (writer !== undefined && !existsSync(`/proc/${writer}`))
      rmSync(join(directory, name), { force: true });
  }
}

/**
 * Replaces a file atomically, and returns when it is on disk. Mode 0600.
 *
 * @throws the error of node:fs; the file is then as it was
 */
export function writeDurably(path: string, text: string): void {
  const draft = draftOf(path);
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Removes a file if it exists, and returns when that is on disk. */
export function removeDurably(path: string): void {
  rmSync(path, { force: true });
  syncDirectory(dirname(path));
}

/**
 * Locks a file (flock(2)), which is created if it does not exist, and writes this process's id into it. The lock ends
 * when the caller closes the descriptor, or with this process.
 *
 * @returns `undefined` where another process has the lock
 * @throws SyscallError
 */
export function lockFile(path: string): Fd | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = new Fd(openSync(path, 'a', 0o600), path);
  let locked = false;
  try {
    locked = lockWholeFile(file.number, `flock(${path})`);
  } finally {
    if (!locked) file.close();
  }
  if (!locked) return undefined;
  writeFileSync(path, `${process.pid}\n`);
  return file;
}

/** The process id that was written to a lock file last; `undefined` if it contains none. */
export function lockHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** Returns when the entries of a directory are on disk. @throws an error of node:fs */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
