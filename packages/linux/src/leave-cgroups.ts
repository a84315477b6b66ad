import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts } from './mountinfo.js';
import { enterCgroupNamespace } from './namespaces.js';
import { openPath } from './open-file.js';

/** kthreadd, which is in the first namespace of every kind; in other pid namespaces the number is another's. */
const KTHREADD = 2;

/**
 * Moves this process, with all its threads, to the root cgroup of every hierarchy whose root is visible: killing,
 * freezing or limiting the cgroup in which it was started then does not affect it. Its children start there, too.
 *
 * A hierarchy that is not writable, or whose root is not visible, is skipped. The calling thread enters the host's
 * cgroup namespace if possible: from another namespace, a container's, cgroups outside of it cannot be joined.
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

/** Without permission the process stays where it is, and still works. */
function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    return;
  }
}
