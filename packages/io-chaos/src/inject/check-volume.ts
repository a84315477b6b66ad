import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrdealError } from '@ordeal/diagnostics';
import { type Fd, identifyDescriptor, type Mount, readMounts } from '@ordeal/linux';
import { openCoveredPath } from '../mount/cover.js';
import { mountNamespaceOf } from './mount-namespace.js';

/** File systems of the kernel itself, whose files are no files that could be served by another. */
const KERNEL_TYPES = new Set(
  (
    'proc sysfs cgroup cgroup2 devtmpfs devpts debugfs tracefs securityfs configfs fusectl bpf pstore efivarfs ' +
    'mqueue binfmt_misc autofs nsfs selinuxfs hugetlbfs rpc_pipefs'
  ).split(' '),
);

/** Where a volume is mounted, and how. */
export interface CheckedVolume {
  /** O_PATH; the caller closes it. */
  readonly origin: Fd;
  readonly mount: Mount | undefined;
}

/**
 * Checks that a path can be covered in the mount namespace of a process, and touches nothing.
 *
 * @throws OrdealError ORD-753 where it is not there, ORD-711 where it must not be covered
 */
export function checkVolume(pid: number, path: string): CheckedVolume {
  const origin = openCoveredPath({ pid, path });
  try {
    const mounts = readMounts(pid);
    const identity = identifyDescriptor(origin.number);
    const mount = mounts.find(({ id }) => id === identity.mount);
    const objection =
      objectionTo(mount, path) ?? below(mounts, mount, path) ?? ownFiles(mountNamespaceOf(pid), path);
    if (objection !== undefined) throw new OrdealError('ORD-711', objection);
    return { origin, mount };
  } catch (error) {
    origin.close();
    throw error;
  }
}

function objectionTo(mount: Mount | undefined, path: string): string | undefined {
  if (mount === undefined) return undefined;
  if (mount.type === 'fuse.ordeal') return `${path} is under an I/O experiment already`;
  if (mount.type === 'fuse' || mount.type.startsWith('fuse.')) {
    return `${path} is on a FUSE file system (${mount.type}) already`;
  }
  if (KERNEL_TYPES.has(mount.type)) return `${path} is on ${mount.type}, a file system of the kernel itself`;
  return undefined;
}

function below(mounts: readonly Mount[], own: Mount | undefined, path: string): string | undefined {
  const base = path.replace(/\/+$/, '');
  const inside = mounts.find(
    ({ type, path: place, id }) =>
      id !== own?.id && place.startsWith(`${base}/`) && (type === 'fuse.ordeal' || KERNEL_TYPES.has(type)),
  );
  if (inside === undefined) return undefined;
  return inside.type === 'fuse.ordeal'
    ? `${inside.path} below ${path} is under an I/O experiment already`
    : `${inside.path} below ${path} is a file system of the kernel itself (${inside.type})`;
}

/** Who serves a volume must not need it. */
function ownFiles(namespace: string | undefined, path: string): string | undefined {
  if (namespace !== mountNamespaceOf('self')) return undefined;
  const needed = [process.execPath, dirname(fileURLToPath(import.meta.url)), '/run/ordeal', '/usr/lib'];
  const base = path.replace(/\/+$/, '');
  const found = needed.find((name) => name === base || name.startsWith(`${base}/`));
  return found === undefined ? undefined : `${path} holds ${found}, which Ordeal itself needs`;
}
