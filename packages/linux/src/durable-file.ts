import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Fd } from './fd.js';
import { lockWholeFile } from './file-locks.js';

/**
 * Replaces a file, whole or not at all, and returns when it is on the disk. Mode 0600.
 *
 * @throws the error of node:fs; the file is then as it was
 */
export function writeDurably(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.new`;
  try {
    const file = openSync(fresh, 'w', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
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
