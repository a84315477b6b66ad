import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isForbidden, isGone } from './file-table.js';
import type { OldSide } from './old-side.js';
import type { LeftBehind } from './sides.js';

const REGISTERED_LINE = /^ *\d+: (.+)$/;

/**
 * Files of the old side that a process has registered with io_uring: only the process could register others, so they
 * stay. Looked for by name, for people; nothing is decided by it.
 */
export function registeredFiles(pid: number, oldSide: OldSide): LeftBehind[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .filter((number) => linkOf(`/proc/${pid}/fd/${number}`) === 'anon_inode:[io_uring]')
      .flatMap((number) => {
        const files = parseRegistered(readFileSync(`/proc/${pid}/fdinfo/${number}`, 'utf8'));
        return files
          .filter((file) => oldSide.shows(file))
          .map((file) => ({
            what: `${file} in the io_uring of descriptor ${number}`,
            reason: 'is registered there',
          }));
      });
  } catch (error) {
    if (isGone(error) || isForbidden(error)) return [];
    throw error;
  }
}

/** The names below `UserFiles:` in the fdinfo of an io_uring (io_uring/fdinfo.c), their escapes left as they are. */
export function parseRegistered(fdinfo: string): string[] {
  const lines = fdinfo.split('\n');
  const start = lines.findIndex((line) => line.startsWith('UserFiles:')) + 1;
  if (start === 0) return [];
  const names: string[] = [];
  for (const line of lines.slice(start)) {
    const name = REGISTERED_LINE.exec(line)?.[1];
    if (name === undefined) break;
    names.push(name);
  }
  return names;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
