import { join } from 'node:path';
import { openCoveredPath } from '@ordeal/cover';
import { identifyDescriptor } from '@ordeal/linux';
import { findMount, resolvedPath } from './mounted-path.js';

/** The prefix of a fault file system's source in mountinfo; the id of its injection follows. */
const SOURCE = 'ordeal-';

/** A volume that is under faults already. */
export interface HeldVolume {
  /** Of the injection. */
  readonly id: string;
  /** The path within it: `` for the volume itself, otherwise `/dir`. */
  readonly inside: string;
}

export function sourceOf(id: string): string {
  return SOURCE + id;
}

/**
 * The injection that a path is under, for a process that sees it; `undefined` if none.
 *
 * @throws OrdealError ORD-753 if it does not exist
 */
export function findHeldVolume(pid: number, path: string): HeldVolume | undefined {
  const place = openCoveredPath({ pid, path });
  try {
    const mount = findMount(pid, identifyDescriptor(place.number).mount);
    if (mount?.type !== 'fuse.ordeal' || !mount.source.startsWith(SOURCE)) return undefined;
    const below = resolvedPath(place, pid).slice(mount.path === '/' ? 0 : mount.path.length);
    const inside = join(mount.root, below);
    return { id: mount.source.slice(SOURCE.length), inside: inside === '/' ? '' : inside };
  } finally {
    place.close();
  }
}
