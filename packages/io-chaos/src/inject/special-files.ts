import { type Dirent, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { readUnixSockets, type UnixSocket } from '@ordeal/linux';

/** So many entries are looked at; a volume with more may hold others. */
const MOST_ENTRIES = 200_000;

/** A file that leads to something in the kernel's memory, which belongs to the inode and not to the name. */
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
 * Finds the Unix sockets that are bound on a volume, and its FIFOs. Sockets that were left by programs that have ended are
 * not among them, where the kernel knows no bound socket of that name.
 *
 * @param origin a descriptor of the volume, O_PATH will do
 * @param place its path as the process sees it
 */
export function findSpecialFiles(origin: number, pid: number, place: string): SpecialFiles {
  const sockets = socketsOf(pid);
  const bound = new Set(sockets.map(({ path }) => basename(path)));
  const { files, complete } = scan(`/proc/self/fd/${origin}`);
  const found = files.filter(({ kind, name }) => kind === 'FIFO' || bound.has(basename(name)));
  const names = new Set(found.map(({ name }) => name));
  const beyond = complete
    ? []
    : sockets.flatMap(({ path }): SpecialFile[] => {
        const name = path.startsWith(`${place}/`) ? path.slice(place.length + 1) : '';
        return name === '' || names.has(name) ? [] : [{ kind: 'socket', name }];
      });
  return { files: [...found, ...beyond], complete };
}

/** Lines for a person: what becomes of them while faults last. Pure. */
export function specialFileNotes({ files, complete }: SpecialFiles): string[] {
  const notes = files.map(({ kind, name }) =>
    kind === 'socket'
      ? `socket ${name}: new connections are refused while faults last`
      : `FIFO ${name}: who opened it before does not meet who opens it while faults last`,
  );
  if (complete) return notes;
  return [...notes, `there may be more sockets and FIFOs: the volume has more than ${MOST_ENTRIES} entries`];
}

/** None where the process is gone. */
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

/** None where it is a file, or gone meanwhile. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
