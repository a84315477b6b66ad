import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cgroup2Root, listProcesses, pidNamespaceInode } from '@ordeal/linux';
import type { Target } from './target.js';

/** One process in each mount namespace of a target; none where the target has no process yet. */
export function processesOfTarget(target: Target): number[] {
  const byNamespace = new Map<string, number>();
  for (const pid of candidates(target)) {
    const namespace = mountNamespace(pid);
    if (namespace !== undefined && !byNamespace.has(namespace)) byNamespace.set(namespace, pid);
  }
  return [...byNamespace.values()];
}

function candidates({ scope, cgroupPath }: Target): number[] {
  if (scope.kind === 'process-tree') return [scope.pid];
  if (scope.kind === 'pid-namespace') {
    return listProcesses().filter((pid) => pidNamespaceInode(pid) === scope.inode);
  }
  const root = cgroup2Root();
  return root === undefined || cgroupPath === undefined ? [] : processesBelow(join(root, cgroupPath));
}

function processesBelow(directory: string): number[] {
  const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...own, ...children.flatMap(({ name }) => processesBelow(join(directory, name)))];
}

function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}
