import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from './target.js';

/** A process through which a target's files are reached. */
export interface SeeingProcess {
  readonly pid: number;
  /** The link in /proc/PID/ns/mnt. */
  readonly namespace: string;
}

/** One process in each mount namespace of a target; none if the target has no process (yet, or any more). */
export function processesOfTarget(target: Target): SeeingProcess[] {
  const byNamespace = new Map<string, SeeingProcess>();
  for (const pid of target.processes()) {
    const namespace = mountNamespace(pid);
    if (namespace !== undefined && !byNamespace.has(namespace))
      byNamespace.set(namespace, { pid, namespace });
  }
  return [...byNamespace.values()];
}

/** The processes of a cgroup and those below it; none if it has been removed. */
export function processesBelow(directory: string): number[] {
  try {
    const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...children.flatMap(({ name }) => processesBelow(join(directory, name)))];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENODEV') return [];
    throw error;
  }
}

/** `undefined` if the process has ended. */
export function mountNamespace(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}
