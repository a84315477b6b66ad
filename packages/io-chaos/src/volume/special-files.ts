import { type Dirent, readdirSync } from 'node:fs';
import type { Inode } from '@ordeal/fault-fs';
import {
  identifyDescriptor,
  O_PATH,
  openBelow,
  readUnixSockets,
  SyscallError,
  type UnixSocket,
} from '@ordeal/linux';

/** The number of entries that are inspected; a larger volume may have others. */
const MOST_ENTRIES = 200_000;

/** A file that refers to a kernel object, which belongs to the inode and not to the name. */
export interface SpecialFile {
  readonly kind: 'socket' | 'FIFO';
  /** Relative to the volume. */
  readonly name: string;
}

/** The sockets and FIFOs of a volume. */
export interface SpecialFiles {
  readonly files: readonly SpecialFile[];
  /** Whether the whole tree was looked at. */
  readonly complete: boolean;
}

/**
 * Finds the sockets and FIFOs of a volume.
 *
 * @param origin a descriptor of the volume, O_PATH will do
 * @param place its path as the process sees it
 */
export function findSpecialFiles(origin: number, pid: number, place: string): SpecialFiles {
  const { files, complete } = scan(`/proc/self/fd/${origin}`);
  if (complete) return { files, complete };
  const names = new Set(files.map(({ name }) => name));
  const beyond = socketsOf(pid)
    .filter(({ path }) => path.startsWith(`${place}/`))
    .map(({ path }): SpecialFile => ({ kind: 'socket', name: path.slice(place.length + 1) }));
  return { files: [...files, ...beyond.filter(({ name }) => !names.has(name))], complete };
}

/** Lines for the user: what happens to them while faults last. Pure. */
export function specialFileNotes({ files, complete }: SpecialFiles): string[] {
  const notes = files.map(({ kind, name }) =>
    kind === 'socket'
      ? `socket ${name}: stays the original one, without faults`
      : `FIFO ${name}: stays the original one, without faults`,
  );
  if (complete) return notes;
  return [
    ...notes,
    `the volume has more than ${MOST_ENTRIES} entries: FIFOs among the others, and sockets that were bound by a relative path, are cut off while faults last`,
  ];
}

/**
 * The identities of files and of the directories above them. Names that are gone are left out.
 *
 * @param origin a descriptor of the volume, O_PATH will do
 */
export function inodesOf(origin: number, names: readonly string[]): { files: Inode[]; ways: Inode[] } {
  const directories = new Set(names.flatMap(directoriesAbove));
  const find = (name: string) => identify(origin, name);
  return { files: names.flatMap(find), ways: [...directories].flatMap(find) };
}

function directoriesAbove(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function identify(origin: number, name: string): Inode[] {
  try {
    const file = openBelow(origin, Buffer.from(name), O_PATH);
    const { device, inode } = identifyDescriptor(file.number);
    file.close();
    const [major = 0, minor = 0] = device.split(':').map(Number);
    const ino = inode <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(inode) : inode;
    return [{ device: major * 2 ** 32 + minor, ino }];
  } catch (error) {
    if (error instanceof SyscallError) return [];
    throw error;
  }
}

/** None if the process is gone. */
function socketsOf(pid: number): UnixSocket[] {
  try {
    return readUnixSockets(pid).filter(({ path }) => !path.startsWith('@'));
  } catch {
    return [];
  }
}

/** Type by getdents(2): no file is opened or asked for its attributes. */
function scan(root: string): SpecialFiles {
  const files: SpecialFile[] = [];
  const directories = [''];
  let left = MOST_ENTRIES;
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    for (const entry of entriesOf(`${root}/${at}`)) {
      if (--left < 0) return { files, complete: false };
      const name = `${at}${entry.name}`;
      if (entry.isDirectory()) directories.push(`${name}/`);
      else if (entry.isSocket()) files.push({ kind: 'socket', name });
      else if (entry.isFIFO()) files.push({ kind: 'FIFO', name });
    }
  }
  return { files, complete: true };
}

/** None if it is a file, or gone meanwhile. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
