import { readlinkSync } from 'node:fs';
import { type Fd, listProcesses, type Mount, readMounts } from '@ordeal/linux';
import { mountNamespaceOf } from './mount-namespace.js';

/** A process does not see the mount in which its own root directory lies, another one of its namespace may. */
export function findMount(pid: number, id: number): Mount | undefined {
  const namespace = mountNamespaceOf(pid);
  for (const each of [pid, ...listProcesses().filter((other) => mountNamespaceOf(other) === namespace)]) {
    const found = mountsOf(each).find((mount) => mount.id === id);
    if (found) return found;
  }
  return undefined;
}

/** The path of an open place as a process sees it; `` for its root, so that `${path}/` begins every path below. */
export function resolvedPath(place: Fd, pid: number): string {
  return linkTarget(`/proc/self/fd/${place.number}`).slice(linkTarget(`/proc/${pid}/root`).length);
}

/** What a link in /proc leads to, without the slash of the root. */
export function linkTarget(link: string): string {
  const path = readlinkSync(link);
  return path === '/' ? '' : path;
}

/** None if the process has ended. */
function mountsOf(pid: number): Mount[] {
  try {
    return readMounts(pid);
  } catch {
    return [];
  }
}
