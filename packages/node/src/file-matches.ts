import { type Dir, opendirSync } from 'node:fs';
import { type Glob, type IOChaosSpec, mayMatchBelow } from '@ordeal/experiment';
import { checkVolume } from '@ordeal/io-chaos';
import { readMounts } from '@ordeal/linux';

/** So many entries of a volume are looked at. */
const MOST_ENTRIES = 5000;

/**
 * Whether anything in the volume matches the path pattern of a document now, as one of some processes sees it.
 * Undefined if there is no pattern, or where not all that could match was looked at.
 */
export function fileMatches(
  runDirectory: string,
  { volumePath, path }: Pick<IOChaosSpec, 'volumePath' | 'path'>,
  pids: readonly number[],
): boolean | undefined {
  if (path === undefined || pids.length === 0) return undefined;
  let all = true;
  for (const pid of pids) {
    const found = volumeMatches(runDirectory, pid, volumePath, path);
    if (found) return true;
    if (found === undefined) all = false;
  }
  return all ? false : undefined;
}

function volumeMatches(
  runDirectory: string,
  pid: number,
  volumePath: string,
  glob: Glob,
): boolean | undefined {
  try {
    const { origin, place } = checkVolume(runDirectory, pid, volumePath);
    try {
      // Another file system below the volume is served, too, and may be a slow one.
      if (readMounts(pid).some(({ path }) => path.startsWith(`${place}/`))) return undefined;
      return treeMatches(`/proc/self/fd/${origin.number}`, volumePath.replace(/\/+$/, ''), glob);
    } finally {
      origin.close();
    }
  } catch (error) {
    // What cannot be looked at leaves no answer; the injection will report what is wrong.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/**
 * Whether a path in a tree matches; undefined if the search was cut off.
 *
 * @param root the directory or file to look at
 * @param name what its path is for the pattern
 * @throws the error of a directory that cannot be read
 */
export function treeMatches(
  root: string,
  name: string,
  glob: Glob,
  mostEntries = MOST_ENTRIES,
): boolean | undefined {
  if (glob.matches(name)) return true;
  const directories = [''];
  let left = mostEntries;
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    const directory = openDirectory(`${root}${at}/`);
    if (directory === undefined) continue;
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        if (--left < 0) return undefined;
        const path = `${at}/${entry.name}`;
        if (glob.matches(name + path)) return true;
        if (entry.isDirectory() && mayMatchBelow(glob.pattern, name + path)) directories.push(path);
      }
    } finally {
      directory.closeSync();
    }
  }
  return false;
}

/** Undefined if it is a file, or gone meanwhile. */
function openDirectory(path: string): Dir | undefined {
  try {
    return opendirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
