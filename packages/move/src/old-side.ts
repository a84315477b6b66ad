import { readlinkSync } from 'node:fs';
import { type FileIdentity, identifyDescriptor, type Mount, readMounts } from '@ordeal/linux';

/**
 * A whole mount that has been taken off its place and lives on by what was opened on it. Ids of mounts are used again, so
 * the device (`major:minor`) must be right, too.
 */
export interface DetachedMount {
  readonly mount: number;
  readonly device: string;
}

/**
 * The tree that processes are moved away from: one mount, or a directory of it, and what is mounted below. What belongs to
 * it is decided by the mount through which a file was opened, and below a directory by where the kernel itself sees the
 * file on that mount.
 */
export class OldSide {
  readonly #mount: number;
  readonly #whole: boolean;
  readonly #root: number | undefined;
  #path: Buffer;
  readonly #detachedDevice: string | undefined;
  /**
   * What paths in `/proc/PID/maps` begin with; a newline is all that is escaped there (show_map_vma(), fs/proc/task_mmu.c).
   * Empty where the device alone tells.
   */
  readonly #mapped: string;
  readonly #below: ReadonlySet<number>;
  #devices: ReadonlySet<string> | undefined;

  /**
   * @param root a mount, or an O_PATH descriptor of the root (a directory or a single file), which stays the caller's
   * @param below ids of the mounts that may be reached through the root: see {@link mountsBelow}
   * @param ownDevice whether the mount's files, and no others, have the device of its root, as with FUSE. Such a mount may be
   *   taken off its place at any time, by which the paths of its files change.
   */
  constructor(root: number | DetachedMount, below: ReadonlySet<number> = new Set(), ownDevice = false) {
    this.#below = below;
    if (typeof root === 'object') {
      this.#mount = root.mount;
      this.#devices = new Set([root.device]);
      this.#detachedDevice = root.device;
      this.#whole = true;
      this.#path = Buffer.from('/');
      this.#mapped = '';
      return;
    }
    this.#root = root;
    const identity = identifyDescriptor(root);
    this.#mount = identity.mount;
    this.#whole = identity.mountRoot;
    this.#path = linkOf(root);
    this.#mapped = ownDevice ? '' : this.#path.toString('latin1').replaceAll('\n', '\\012');
    if (ownDevice) this.#devices = new Set([identity.device]);
  }

  /** Whether a file was opened through a mount of this side. Where not, it does not belong here. */
  onMount(identity: FileIdentity): boolean {
    if (this.#below.has(identity.mount)) return true;
    return (
      identity.mount === this.#mount &&
      (this.#detachedDevice === undefined || identity.device === this.#detachedDevice)
    );
  }

  /** Whether a file of a mount of this side, which `descriptor` of this process refers to, lies in the tree. */
  contains(descriptor: number): boolean {
    return (this.#whole && this.#below.size === 0) || this.nameOf(descriptor) !== undefined;
  }

  /**
   * The name below the root, in raw bytes, as the kernel knows it now; empty for the root itself. A deleted file has
   * its last name with ` (deleted)` behind. `undefined` where it lies elsewhere or its path is too long.
   */
  nameOf(descriptor: number): Buffer | undefined {
    let path: Buffer;
    try {
      path = linkOf(descriptor);
    } catch {
      return undefined;
    }
    return nameBelow(this.#path, path) ?? (this.#hasMoved() ? nameBelow(this.#path, path) : undefined);
  }

  /** Whether the root has another path than before: its mount was taken off, after which it has no other place. */
  #hasMoved(): boolean {
    if (this.#root === undefined) return false;
    const path = linkOf(this.#root);
    const moved = !path.equals(this.#path);
    this.#path = path;
    return moved;
  }

  /** Whether a path, as the kernel shows it, could be of this tree. Only for reports: another mount may look alike. */
  shows(path: string): boolean {
    const root = this.#path.toString();
    return path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`);
  }

  /**
   * Whether the text of a `/proc/PID/maps`, read as latin1, could name a mapping of this tree. Most do not, and to ask
   * the kernel for the mount of each library that they have mapped takes longer than all else of a move.
   */
  mayBeIn(maps: string): boolean {
    return maps.includes(this.#mapped);
  }

  /** Whether a mapping with this path there could be of this tree. */
  mayBeMappedAs(path: string): boolean {
    return path.startsWith(this.#mapped);
  }

  /**
   * `major:minor` of the file systems as `/proc/PID/maps` shows them, learnt from a process that sees the mount;
   * `undefined` as long as none did.
   */
  devicesSeenBy(pid: number): ReadonlySet<string> | undefined {
    if (this.#devices) return this.#devices;
    const mounts = mountsOf(pid);
    if (!mounts.some(({ id }) => id === this.#mount)) return undefined;
    const own = mounts.filter(({ id }) => id === this.#mount || this.#below.has(id));
    this.#devices = new Set(own.map(({ device }) => device));
    return this.#devices;
  }
}

/**
 * Ids of the mounts that a process sees below a directory, those of Ordeal and what is on them apart.
 *
 * @param root an O_PATH descriptor of the directory, on the bare side
 */
export function mountsBelow(pid: number, root: number): Set<number> {
  const { mount } = identifyDescriptor(root);
  const mounts = mountsOf(pid).filter(({ type }) => type !== 'fuse.ordeal');
  const found = new Set<number>();
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for (const { id, parent } of mounts) if (parent === mount || found.has(parent)) found.add(id);
  }
  const base = linkOf(root).toString();
  if (base === '/' || !seesFromItsRoot(pid)) return found;
  for (const { id, path } of mounts) if (!`${path}/`.startsWith(`${base}/`)) found.delete(id);
  return found;
}

/** Whether paths in its mountinfo are those of its mount namespace. */
function seesFromItsRoot(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/root`) === '/';
  } catch {
    return false;
  }
}

function mountsOf(pid: number): Mount[] {
  try {
    return readMounts(pid);
  } catch {
    return [];
  }
}

function nameBelow(root: Buffer, path: Buffer): Buffer | undefined {
  if (path.equals(root)) return Buffer.alloc(0);
  const base = root.equals(Buffer.from('/')) ? root : Buffer.concat([root, Buffer.from('/')]);
  return path.subarray(0, base.length).equals(base) ? path.subarray(base.length) : undefined;
}

function linkOf(descriptor: number): Buffer {
  return readlinkSync(`/proc/self/fd/${descriptor}`, 'buffer');
}
