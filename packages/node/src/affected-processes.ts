import { mountNamespace, processesOfTarget } from './process-of-target.js';
import type { Target } from './target.js';

/** Which processes meet the faults under a volume, in words. */
export function affectedWords(target: Target, volumePath: string): string {
  const places = processesOfTarget(target).map(({ namespace }) => namespace);
  // A command that was not started yet will see what this process sees.
  const namespaces = places.length > 0 ? places : [mountNamespace('self')];
  const { description } = target;
  return namespaces.includes(mountNamespace(1) ?? mountNamespace('self'))
    ? `every process of this host that uses ${volumePath}, not only ${description}`
    : `every process that uses ${volumePath} in the mount namespace of ${description}`;
}
