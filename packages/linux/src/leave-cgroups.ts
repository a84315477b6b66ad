import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts } from './mountinfo.js';

/**
 * Moves this process, with all its threads, to the root cgroup of every hierarchy that it sees as a whole: who kills,
 * freezes or limits the cgroup that it was started in does not reach it there. Children are born there, too.
 *
 * A hierarchy that may not be written, or of which only a part is visible, is left as it is.
 */
export function leaveCgroups(): void {
  for (const { path, type, root } of readMounts()) {
    if (/^cgroup2?$/.test(type) && root === '/') joinRoot(path);
  }
}

function joinRoot(hierarchy: string): void {
  try {
    // 0 is the writing process (Documentation/admin-guide/cgroup-v1/cgroups.rst, 2.3).
    writeFileSync(join(hierarchy, 'cgroup.procs'), '0');
  } catch {
    // Without the right to it the process stays where it is, and works as well.
  }
}
