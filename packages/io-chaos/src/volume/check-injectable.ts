import { checkVolume } from './check-volume.js';
import { findHeldVolume } from './held-volume.js';

/**
 * Checks that faults can be injected at a path for a process: that it can be covered, or is already under faults,
 * which others can join. Touches nothing, and contacts no keeper.
 *
 * @throws OrdealError ORD-753 if it does not exist, ORD-711 if it must not be covered
 */
export function checkInjectable(runDirectory: string, pid: number, path: string): void {
  if (findHeldVolume(pid, path) === undefined) checkVolume(runDirectory, pid, path).origin.close();
}
