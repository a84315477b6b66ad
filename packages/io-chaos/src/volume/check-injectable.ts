import { checkVolume } from './check-volume.js';
import { findHeldVolume } from './held-volume.js';

/**
 * Checks that a process can get faults at a path: that it can be covered, or is under faults already, which others can
 * join. Touches nothing, and asks no keeper.
 *
 * @throws OrdealError ORD-753 where it is not there, ORD-711 where it must not be covered
 */
export function checkInjectable(pid: number, path: string): void {
  if (findHeldVolume(pid, path) === undefined) checkVolume(pid, path).origin.close();
}
