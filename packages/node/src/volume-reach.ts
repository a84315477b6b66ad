import { mountNamespace, processesOfTarget } from './process-of-target.js';
import type { Target } from './target.js';

/** Whose requests meet the faults of a target under a volume: of all processes in its mount namespace, which may be the host's. */
export type VolumeReach = 'host' | 'namespace';

export function volumeReach(target: Target): VolumeReach {
  const places = processesOfTarget(target).map(({ namespace }) => namespace);
  // A command that has not started yet will see the same mounts as this process.
  const namespaces = places.length > 0 ? places : [mountNamespace('self')];
  return namespaces.includes(mountNamespace(1) ?? mountNamespace('self')) ? 'host' : 'namespace';
}
