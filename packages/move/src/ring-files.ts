import { readFileSync, readlinkSync } from 'node:fs';
import { isForbidden, isGone } from './file-table.js';
import type { OldSide } from './old-side.js';
import type { LeftBehind } from './sides.js';

const REGISTERED_LINE = /^ *\d+: (.+)$/;
/** Blanks, newlines and backslashes. */
const ESCAPED = /\\([0-7]{3})/g;

/** Why a registered file stays: the kernel does not report how it was opened, so it cannot be opened again. */
export const REGISTERED = 'is registered there, which only its program can undo';

/**
 * Files of the old side that a process has registered with io_uring, whether or not it has them open as descriptors.
 * Searched by name: the kernel shows nothing else.
 *
 * @param numbers descriptors of the process that may be rings
 */
export function registeredFiles(pid: number, numbers: readonly number[], oldSide: OldSide): LeftBehind[] {
  try {
    return numbers
      .filter((number) => linkOf(`/proc/${pid}/fd/${number}`) === 'anon_inode:[io_uring]')
      .flatMap((number) => {
        const files = parseRegistered(readFileSync(`/proc/${pid}/fdinfo/${number}`, 'utf8'));
        return files
          .filter((file) => oldSide.shows(file))
          .map((file) => ({
            what: `${file} in the io_uring of descriptor ${number}`,
            reason: REGISTERED,
          }));
      });
  } catch (error) {
    if (isGone(error) || isForbidden(error)) return [];
    throw error;
  }
}

/** The names below `UserFiles:` in the fdinfo of an io_uring (io_uring/fdinfo.c, seq_file_path()). */
export function parseRegistered(fdinfo: string): string[] {
  const lines = fdinfo.split('\n');
  const start = lines.findIndex((line) => line.startsWith('UserFiles:')) + 1;
  if (start === 0) return [];
  const names: string[] = [];
  for (const line of lines.slice(start)) {
    const name = REGISTERED_LINE.exec(line)?.[1];
    if (name === undefined) break;
    names.push(name.replace(ESCAPED, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
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
