import { mountNamespace, processesOfTarget } from './process-of-target.js';
import type { Target } from './target.js';

/** Describes the processes that faults under a volume affect. */
export function affectedWords(target: Target, volumePath: string): string {
  const places = processesOfTarget(target).map(({ namespace }) => namespace);
  // A command that has not started yet will see the same mounts as this process.
  const namespaces = places.length > 0 ? places : [mountNamespace('self')];
  const { description } = target;
  return namespaces.includes(mountNamespace(1) ?? mountNamespace('self'))
    ? `every process of this host that uses ${volumePath}, not only ${description}`
    : `every process that uses ${volumePath} in the mount namespace of ${description}`;
}
