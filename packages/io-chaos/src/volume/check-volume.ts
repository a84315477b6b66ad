import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCoveredPath } from '@ordeal/cover';
import { OrdealError } from '@ordeal/diagnostics';
import { type Fd, identifyDescriptor, type Mount, readMounts } from '@ordeal/linux';
import { coverOwner } from './cover-owner.js';
import { mountNamespaceOf } from './mount-namespace.js';
import { findMount, linkTarget, resolvedPath } from './mounted-path.js';

/** File systems of the kernel itself, whose files cannot be served by another file system. */
const KERNEL_TYPES = new Set(
  (
    'proc sysfs cgroup cgroup2 devtmpfs devpts debugfs tracefs securityfs configfs fusectl bpf pstore efivarfs ' +
    'mqueue binfmt_misc autofs nsfs selinuxfs hugetlbfs rpc_pipefs'
  ).split(' '),
);

/** The mount of a volume. */
export interface CheckedVolume {
  /** O_PATH; the caller closes it. */
  readonly origin: Fd;
  readonly mount: Mount | undefined;
  /** Its path as the process sees it, without symbolic links. */
  readonly place: string;
}

/**
 * Checks that a path can be covered in the mount namespace of a process, and touches nothing. The path is resolved
 * first: symbolic links, `.` and `..`, below the root of the process.
 *
 * @param runDirectory must not be on the volume; its journals tell who has covered a path
 * @throws OrdealError ORD-753 if it does not exist, ORD-711 if it must not be covered
 */
export function checkVolume(runDirectory: string, pid: number, path: string): CheckedVolume {
  const origin = openCoveredPath({ pid, path });
  try {
    const mounts = readMounts(pid);
    const mount = findMount(pid, identifyDescriptor(origin.number).mount);
    const place = placeOf(origin, pid, path);
    const objection =
      objectionTo(runDirectory, mount, place) ??
      below(runDirectory, mounts, mount, place) ??
      ownFiles(runDirectory, pid, origin, place);
    if (objection !== undefined) throw new OrdealError('ORD-711', objection);
    return { origin, mount, place: place.resolved || '/' };
  } catch (error) {
    origin.close();
    throw error;
  }
}

/** A place as its user gave it, and resolved. */
interface Place {
  readonly given: string;
  /** Absolute, as the process sees it; `` for its root, so that `${resolved}/` begins every path below. */
  readonly resolved: string;
  /** For messages: both if they differ. */
  readonly name: string;
}

function placeOf(origin: Fd, pid: number, given: string): Place {
  const resolved = resolvedPath(origin, pid);
  const name = resolved === given || resolved === '' ? given : `${given} (${resolved})`;
  return { given, resolved, name };
}

function objectionTo(runDirectory: string, mount: Mount | undefined, { name }: Place): string | undefined {
  if (mount === undefined) return undefined;
  if (mount.type === 'fuse.ordeal') return underExperiment(runDirectory, name, mount);
  if (mount.type === 'fuse' || mount.type.startsWith('fuse.')) {
    return `${name} is on a FUSE file system (${mount.type}) already`;
  }
  if (KERNEL_TYPES.has(mount.type)) return `${name} is on ${mount.type}, a file system of the kernel itself`;
  return undefined;
}

function underExperiment(runDirectory: string, name: string, { source }: Mount): string {
  const owner = coverOwner(runDirectory, source);
  return owner === undefined
    ? `${name} is under an I/O experiment already`
    : `${name} is under the I/O experiment ${owner}`;
}

function below(
  runDirectory: string,
  mounts: readonly Mount[],
  own: Mount | undefined,
  { resolved, name }: Place,
): string | undefined {
  const inside = mounts.find(
    ({ type, path, id }) =>
      id !== own?.id && path.startsWith(`${resolved}/`) && (type === 'fuse.ordeal' || KERNEL_TYPES.has(type)),
  );
  if (inside === undefined) return undefined;
  return inside.type === 'fuse.ordeal'
    ? underExperiment(runDirectory, `${inside.path} below ${name}`, inside)
    : `${inside.path} below ${name} is a file system of the kernel itself (${inside.type})`;
}

/** The server of a volume must not depend on it: neither on Ordeal's own files nor on the libraries that it uses. */
function ownFiles(runDirectory: string, pid: number, origin: Fd, { name }: Place): string | undefined {
  if (mountNamespaceOf(pid) !== mountNamespaceOf('self')) return undefined;
  const volume = linkTarget(`/proc/self/fd/${origin.number}`);
  const needed = [dirname(fileURLToPath(import.meta.url)), runDirectory].map(realPath);
  const found = [...needed, ...mappedFiles()].find(
    (file) => file === volume || file.startsWith(`${volume}/`),
  );
  return found === undefined ? undefined : `${name} holds ${found}, which Ordeal itself needs`;
}

/** The run directory may not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The program and the libraries of this process, by the sixth field of /proc/self/maps. */
function mappedFiles(): string[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return lines.flatMap((line) => /^(?:\S+ +){5}(\/.*)/.exec(line)?.[1] ?? []);
}
