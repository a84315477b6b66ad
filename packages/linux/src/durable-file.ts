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

/** The name of a draft tells who writes it. */
const DRAFT = /\.(\d+)-[0-9a-f]{8}\.new$/;

/** Where this process writes what is to become the file `path`: beside it, under a name that nobody else has. */
export function draftOf(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.new`;
}

/**
 * Removes what writers left that were killed before their drafts had become files.
 *
 * @param names in the directory; it is read where they are not given
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
 * Replaces a file, whole or not at all, and returns when it is on the disk. Mode 0600.
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

/** Removes a file that may not be there, and returns when that is on the disk. */
export function removeDurably(path: string): void {
  rmSync(path, { force: true });
  syncDirectory(dirname(path));
}

/**
 * Takes the lock of a file (flock(2)), which it makes where there is none, and writes this process's id into it. The
 * lock ends when the caller closes the descriptor, and with this process.
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

/** Who wrote its id into a lock file last; `undefined` where it holds no process id. */
export function lockHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** Returns when the names in a directory are on the disk. @throws an error of node:fs */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
