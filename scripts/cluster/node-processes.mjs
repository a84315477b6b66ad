import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { copyFile, mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cgroupHierarchies } from '../leftovers.mjs';

/** What a new cgroup of version 1 lacks, without which it takes no process. */
const CPUSET = ['cpuset.cpus', 'cpuset.mems'];

/** Makes a cgroup below the root of every hierarchy: the parent of all pods of one node. */
export async function makeCgroups(name) {
  for (const hierarchy of cgroupHierarchies()) {
    const path = join(hierarchy, name);
    await mkdir(path);
    const isVersion1 = existsSync(join(path, 'notify_on_release'));
    for (const file of CPUSET) {
      if (isVersion1 && existsSync(join(path, file))) await copyFile(join(hierarchy, file), join(path, file));
    }
  }
}

/**
 * The mount namespaces of the processes in a node's cgroups. What a pod started may leave its cgroup, and still has the
 * pod's mounts.
 *
 * @returns {Set<string>}
 */
export function mountNamespacesIn(cgroup) {
  return new Set(processesIn(cgroup).map(mountNamespace));
}

/** Kills all processes of a node, by its cgroups and mount namespaces, and removes the cgroups. */
export async function endNode(cgroup, namespaces) {
  const others = new Set([...namespaces].filter((each) => each && each !== mountNamespace('self')));
  for (;;) {
    const pids = new Set([...processesIn(cgroup), ...processesOf(others)]);
    if (pids.size === 0) break;
    for (const pid of pids) kill(pid);
    await delay(20);
  }
  for (const path of cgroupsBelow(cgroup).reverse()) await rmdir(path);
}

/** The mount namespace of a process, as /proc names it; undefined where the process is gone. */
export function mountNamespace(pid) {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** Parents first. */
function cgroupsBelow(cgroup) {
  const tops = cgroupHierarchies().map((hierarchy) => join(hierarchy, cgroup));
  return tops.filter((path) => existsSync(path)).flatMap((path) => [path, ...directoriesBelow(path)]);
}

function directoriesBelow(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [join(path, name), ...directoriesBelow(join(path, name))]);
}

function processesIn(cgroup) {
  return cgroupsBelow(cgroup).flatMap((path) =>
    readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean),
  );
}

function processesOf(namespaces) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => namespaces.has(mountNamespace(pid)));
}

function kill(pid) {
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
