import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import {
  isSocketBoundTo,
  listProcesses,
  O_PATH,
  openBelow,
  readUnixSockets,
  SyscallError,
} from '@ordeal/linux';
import { findSpecialFiles } from './special-files.js';

/**
 * Sockets that were bound while a volume was covered, as lines for the user: the kernel finds a socket by the inode
 * that it was bound to, which was the cover's.
 *
 * @param origin a descriptor of the volume, O_PATH will do
 * @param places its paths, as the process sees it
 * @param earlier those that were bound before, by {@link boundSockets}; if that is not known, sockets that were
 * renamed since are not found
 */
export function cutOffSockets(
  origin: number,
  pid: number,
  places: readonly string[],
  earlier?: ReadonlySet<number>,
): string[] {
  const { files } = findSpecialFiles(origin, pid, places[0] ?? '');
  const nameOf = (path: string) => {
    const above = places.find((place) => path.startsWith(`${place}/`));
    if (above !== undefined) return path.slice(above.length + 1);
    return path.startsWith('/')
      ? undefined
      : files.find(({ name }) => basename(name) === basename(path))?.name;
  };
  return readUnixSockets(pid).flatMap(({ path, inode }) => {
    const name = path.startsWith('@') || earlier?.has(inode) ? undefined : nameOf(path);
    if (name === undefined || (isReachable(origin, name) ?? earlier === undefined)) return [];
    const owner = ownerOf(inode);
    const whose = owner === undefined ? '' : ` of process ${owner} (${commandOf(owner)})`;
    return [
      `socket ${name}${whose} was bound while faults lasted: new connections are refused until it is bound again`,
    ];
  });
}

/** The sockets that are bound now, by their inodes: none if the process is gone. */
export function boundSockets(pid: number): ReadonlySet<number> {
  try {
    return new Set(readUnixSockets(pid).map(({ inode }) => inode));
  } catch {
    return new Set();
  }
}

/** `undefined` if there is no such name. */
function isReachable(origin: number, name: string): boolean | undefined {
  try {
    const file = openBelow(origin, Buffer.from(name), O_PATH);
    try {
      return isSocketBoundTo(file.number);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
}

function ownerOf(inode: number): number | undefined {
  const link = `socket:[${inode}]`;
  return listProcesses().find((pid) => linksOf(pid).includes(link));
}

/** None if the process is gone. */
function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((number) => readlink(`/proc/${pid}/fd/${number}`));
  } catch {
    return [];
  }
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return 'ended';
  }
}
