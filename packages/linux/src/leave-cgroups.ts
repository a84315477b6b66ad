import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts } from './mountinfo.js';
import { enterCgroupNamespace } from './namespaces.js';
import { openPath } from './open-file.js';

/** kthreadd, which is in the first namespace of every kind; in other pid namespaces the number is another's. */
const KTHREADD = 2;

/**
 * Moves this process, with all its threads, to the root cgroup of every hierarchy that it sees as a whole: who kills,
 * freezes or limits the cgroup that it was started in does not reach it there. Children are born there, too.
 *
 * A hierarchy that may not be written, or of which only a part is visible, is left as it is. The calling thread enters the
 * host's cgroup namespace where it can: from inside another, a container's, nothing outside of it can be joined.
 */
export function leaveCgroups(): void {
  tryTo(enterFirstNamespace);
  for (const { path, type, root } of readMounts()) {
    // 0 is the writing process (Documentation/admin-guide/cgroup-v1/cgroups.rst, 2.3).
    if (/^cgroup2?$/.test(type) && root === '/') tryTo(() => writeFileSync(join(path, 'cgroup.procs'), '0'));
  }
}

function enterFirstNamespace(): void {
  if (readFileSync(`/proc/${KTHREADD}/comm`, 'utf8') !== 'kthreadd\n') return;
  const namespace = openPath(`/proc/${KTHREADD}/ns/cgroup`, 0);
  try {
    enterCgroupNamespace(namespace.number);
  } finally {
    namespace.close();
  }
}

/** Without the right to it, the process stays where it is and works as well. */
function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    return;
  }
}
