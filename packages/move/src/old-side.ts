import { readlinkSync } from 'node:fs';
import { type FileIdentity, identifyDescriptor, type Mount, readMounts } from '@ordeal/linux';

/**
 * A whole mount that was detached and stays alive through files opened on it. Ids of mounts are reused, so the device
 * (`major:minor`) must match, too.
 */
export interface DetachedMount {
  readonly mount: number;
  readonly device: string;
}

/**
 * The tree that processes are moved away from: one mount, or a directory of it, and what is mounted below. A file
 * belongs to it by the mount through which it was opened and, below a directory, by its current path on that mount.
 */
export class OldSide {
  readonly #mount: number;
  readonly #whole: boolean;
  readonly #root: number | undefined;
  #path: Buffer;
  readonly #detachedDevice: string | undefined;
  /**
   * The prefix of paths in `/proc/PID/maps`, where only a newline is escaped (show_map_vma(), fs/proc/task_mmu.c).
   * Empty if the device alone decides.
   */
  readonly #mapped: string;
  readonly #below: ReadonlySet<number>;
  #devices: ReadonlySet<string> | undefined;

  /**
   * @param root a mount, or an O_PATH descriptor of the root (a directory or a single file), which stays the caller's
   * @param below ids of the mounts that may be reached through the root: see {@link mountsBelow}
   * @param ownDevice whether the mount's files, and no others, have the device of its root, as with FUSE. Such a
   * mount may be detached at any time, which changes the paths of its files.
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

  /** Whether a file was opened through a mount of this side. If not, it does not belong to it. */
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
   * The current name below the root, in raw bytes; empty for the root itself. A deleted file has its last name
   * followed by ` (deleted)`. `undefined` if it is elsewhere or its path is too long.
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

  /** Whether the root's path has changed: its mount was detached. */
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
   * Whether the text of a `/proc/PID/maps`, read as latin1, could name a mapping of this tree. Most do not, and
   * querying the mount of each mapped library takes longer than the rest of a move.
   */
  mayBeIn(maps: string): boolean {
    return maps.includes(this.#mapped);
  }

  /** Whether a mapping with this path there could be of this tree. */
  mayBeMappedAs(path: string): boolean {
    return path.startsWith(this.#mapped);
  }

  /**
   * `major:minor` of the file systems as `/proc/PID/maps` shows them, read from a process that sees the mount;
   * `undefined` until then.
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
 * Ids of the mounts that a process sees below a directory, except those of Ordeal and mounts on them.
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
