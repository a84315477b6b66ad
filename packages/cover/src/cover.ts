import { constants, readlinkSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import {
  Fd,
  identifyDescriptor,
  O_PATH,
  openInRoot,
  openPath,
  readMounts,
  SyscallError,
} from '@ordeal/linux';
import { Visitor, visit } from './visit.js';

/** A path as a process sees it: below its root directory, in its mount namespace. */
export interface CoveredPath {
  readonly pid: number;
  /** Absolute for the process; symbolic links are followed inside its root. */
  readonly path: string;
}

/** What a journal records, to detach a cover after a crash. */
export interface CoverRecord extends CoveredPath {
  /** Ids of the mounts that were placed there, the upper one first. */
  readonly mounts: readonly number[];
}

/** Additional work when a cover is placed. */
export interface CoverOptions {
  /**
   * Awaited before anything is placed, with the record and the private copy of the tree. If files are to stay bare,
   * the mount must be served from then on.
   */
  readonly announce?: (record: CoverRecord, tree: Fd) => void | Promise<void>;
  /** Names, relative to the path, of files that stay the original inodes on the cover: see {@link BareFileMounts}. */
  readonly bare?: readonly string[];
  /** Goes there; the caller's. Default: one that starts now. */
  readonly visitor?: Visitor;
}

/**
 * A mount over a directory or regular file in the mount namespace of a process. Files that were open stay on the old
 * tree; path lookups find the new one.
 *
 * Owns {@link Cover.origin} and {@link Cover.tree}; the mount's own descriptor stays the caller's and must be open
 * until {@link Cover.remove}.
 */
export class Cover {
  readonly record: CoverRecord;
  /**
   * The covered directory or file itself, O_PATH on its own mount: the same mount as that of files opened before.
   */
  readonly origin: Fd;
  /** A private detached copy of the tree, with its submounts, for the server. */
  readonly tree: Fd;
  /** Names that should be bare and are not, and why. */
  readonly failed: readonly string[];
  readonly #mounts: readonly Fd[];
  readonly #shield: Fd | undefined;

  private constructor(
    record: CoverRecord,
    origin: Fd,
    tree: Fd,
    mount: Fd,
    shield: Fd | undefined,
    failed: readonly string[],
  ) {
    this.failed = failed;
    this.record = record;
    this.origin = origin;
    this.tree = tree;
    this.#shield = shield;
    this.#mounts = shield ? [mount, shield] : [mount];
  }

  /**
   * Mounts a detached mount (of fsmount(2) or {@link cloneTree}) over a path.
   *
   * @throws OrdealError ORD-753 and whatever `announce` throws; then nothing is changed
   */
  static async place(place: CoveredPath, mount: Fd, options: CoverOptions = {}): Promise<Cover> {
    if (options.visitor) return Cover.#placeBy(options.visitor, place, mount, options);
    const visitor = new Visitor();
    try {
      return await Cover.#placeBy(visitor, place, mount, options);
    } finally {
      await visitor.close();
    }
  }

  static async #placeBy(
    visitor: Visitor,
    place: CoveredPath,
    mount: Fd,
    { announce, bare = [] }: CoverOptions,
  ): Promise<Cover> {
    const origin = openCoveredPath(place);
    const opened = [origin];
    try {
      const shared = propagates(place.pid, identifyDescriptor(origin.number).mount);
      const copies = await visitor.visit(
        place.pid,
        { kind: 'copy', place: origin.number, shared },
        'ORD-753',
      );
      const tree = new Fd(copies.tree ?? -1, `the tree below ${place.path}`);
      opened.push(tree);
      const shield =
        copies.shield === undefined ? undefined : new Fd(copies.shield, `the shield of ${place.path}`);
      if (shield) opened.push(shield);
      const mounts = [mount, ...(shield ? [shield] : [])].map((fd) => identifyDescriptor(fd.number).mount);
      const record = { ...place, mounts };
      await announce?.(record, tree);
      const { failed = [] } = await visitor.visit(
        place.pid,
        { kind: 'cover', place: origin.number, mount: mount.number, shield: shield?.number, bare },
        'ORD-753',
      );
      return new Cover(record, origin, tree, mount, shield, failed);
    } catch (error) {
      for (const fd of opened) fd.close();
      throw error;
    }
  }

  /**
   * Unmounts lazily: at once, even if it is in use; idempotent. The old tree's descriptors stay open until {@link
   * Cover.close}.
   *
   * @param pid a process of the same mount namespace, where the one that the path was given for may have ended
   * @param visitor goes there; the caller's. Default: one that starts now
   * @throws OrdealError ORD-754
   */
  async remove(pid: number = this.record.pid, visitor?: Visitor): Promise<void> {
    const mounts = this.#mounts.map((fd) => fd.number).filter((number) => number >= 0);
    const request = { kind: 'uncover', mounts } as const;
    await (visitor ? visitor.visit(pid, request, 'ORD-754') : visit(pid, request, 'ORD-754'));
  }

  /** Closes what it owns. A cover that was not removed stays. */
  close(): void {
    this.origin.close();
    this.tree.close();
    this.#shield?.close();
  }
}

/**
 * Removes a cover from its record alone, after the process that placed it has died. Mounts at the path that are not
 * in the record are left alone, and end the search.
 *
 * @returns how many mounts were removed
 * @throws OrdealError ORD-753 if the path is gone; ORD-754
 */
export async function removeRecordedCover(record: CoverRecord): Promise<number> {
  let removed = 0;
  for (const id of record.mounts) {
    const top = openCoveredPath(record);
    try {
      if (identifyDescriptor(top.number).mount !== id) continue;
      await visit(record.pid, { kind: 'uncover', mounts: [top.number] }, 'ORD-754');
      removed++;
    } finally {
      top.close();
    }
  }
  return removed;
}

/** The directory or regular file that a path leads to, O_PATH. The caller closes it. @throws OrdealError ORD-753 */
export function openCoveredPath({ pid, path }: CoveredPath): Fd {
  let root: Fd | undefined;
  try {
    root = openPath(`/proc/${pid}/root`, O_PATH | constants.O_DIRECTORY);
    const place = openInRoot(root.number, path, O_PATH);
    const type = identifyDescriptor(place.number).mode & constants.S_IFMT;
    if (type === constants.S_IFDIR || type === constants.S_IFREG) return place;
    place.close();
    throw new OrdealError('ORD-753', `${path} is neither a directory nor a regular file in process ${pid}`);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const message = `${path} cannot be reached in process ${pid}${ownRoot(pid)}: ${error.message}`;
    throw new OrdealError('ORD-753', message, { cause: error });
  } finally {
    root?.close();
  }
}

/** The root directory of a process if it is not that of its mount namespace (chroot(2)), for messages. */
function ownRoot(pid: number): string {
  try {
    const root = readlinkSync(`/proc/${pid}/root`);
    return root === '/' ? '' : `, whose root directory is ${root}`;
  } catch {
    return '';
  }
}

/** Whether what is mounted on this mount appears in other mount namespaces. */
function propagates(pid: number, mountId: number): boolean {
  const mount = readMounts(pid).find(({ id }) => id === mountId);
  return mount?.propagation.some((field) => field.startsWith('shared:')) ?? false;
}
