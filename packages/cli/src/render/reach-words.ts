import type { VolumeReach } from '@ordeal/node';

/** Whose requests on a volume meet the faults. @param target its description */
export function reachWords(reach: VolumeReach, volumePath: string, target: string): string {
  return reach === 'host'
    ? `every process of this host that uses ${volumePath}, not only ${target}`
    : `every process that uses ${volumePath} in the mount namespace of ${target}`;
}
