import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readMounts } from '@ordeal/linux';

/** Which files of a volume processes have open where, found by names alone: not as a move finds them. */
export interface Whereabouts {
  /** Whether the volume is covered in the namespace of the processes. */
  readonly covered: boolean;
  /** Open and mapped files that are not on the mount that a name leads to now. */
  readonly strays: readonly string[];
  /** How many are. */
  readonly settled: number;
}

/** Looks at processes of the mount namespace of `holder`, which lives. Deleted files are left out: there is nowhere they could go. */
export function whereabouts(holder: number, pids: readonly number[], volume: string): Whereabouts {
  const mounts = readMounts(holder);
  const now = mounts.filter(({ path }) => path === '/' || isBelow(path, volume)).at(-1);
  const attached = new Set([...mounts, ...readMounts('self')].map(({ id }) => id));
  const strays: string[] = [];
  let settled = 0;
  const judge = (what: string, isRight: boolean) => {
    if (isRight) settled++;
    else strays.push(what);
  };
  for (const pid of pids) {
    for (const number of living(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const open = openFile(pid, number);
      if (!open?.path.startsWith('/') || open.path.endsWith(' (deleted)')) continue;
      const { path, mount } = open;
      // The name of a file on a mount that was taken off starts at the root of that mount.
      if (isBelow(volume, path) || !attached.has(mount)) {
        judge(`process ${pid} has descriptor ${number}, ${path}, on mount ${mount}`, mount === now?.id);
      }
    }
    const maps = living(() => readFileSync(`/proc/${pid}/maps`, 'utf8'))?.split('\n') ?? [];
    for (const line of maps) {
      const [, , , device = '', , path = ''] = line.split(/ +/);
      if (!isBelow(volume, path) || line.endsWith(' (deleted)')) continue;
      judge(`process ${pid} has mapped ${line}`, decimal(device) === now?.device);
    }
  }
  return { covered: now?.type === 'fuse.ordeal', strays, settled };
}

/** The name of an open file, and the ID of its mount. A shell puts another file there at any moment: both are of the same one. */
function openFile(pid: number, number: string): { path: string; mount: number } | undefined {
  const look = () =>
    living(() => ({
      path: readlinkSync(`/proc/${pid}/fd/${number}`),
      mount: Number(/^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${number}`, 'utf8'))?.[1]),
    }));
  let before = look();
  for (;;) {
    const now = look();
    if (now?.path === before?.path && now?.mount === before?.mount) return now;
    before = now;
  }
}

function isBelow(directory: string, path: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** `major:minor` as mountinfo has it, from hexadecimal. */
function decimal(device: string): string {
  return device
    .split(':')
    .map((part) => Number.parseInt(part, 16))
    .join(':');
}

/** What is read of a process that may end meanwhile. */
function living<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
