import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import {
  type Cgroup,
  cgroup2Root,
  listProcesses,
  pidNamespaceInode,
  readCgroup,
  readCommandLine,
  readProcessStatus,
} from '@ordeal/linux';
import { settledProcesses } from './container-processes.js';
import { type Container, listContainers } from './containers.js';
import { namedContainer, noSuchContainer } from './named-container.js';
import { cgroupOf, processTarget, requireHostPids, type Target } from './target.js';

/**
 * A running container by its id, a name that a runtime or Kubernetes gave it, or a unique beginning of either; if no
 * state of a runtime is found, by its cgroup, which all runtimes name after the id. On hosts without cgroup v2, by its
 * pid namespace. It is found again after a restart: under the same id, or under its name in the same pod.
 *
 * @throws OrdealError ORD-305 if none or several match
 */
export function containerTarget(text: string): Target {
  const container = namedContainer(text, listContainers());
  const id = container?.id ?? text;
  // By the whole id: a prefix may match another container after this one has ended.
  const find = () => runningTarget(id, text) ?? successorOf(container);
  return { ...targetOf(id, text), whenEnded: { kind: 'follow', find } };
}

/** A container that Kubernetes restarts has another id. */
function successorOf(container: Container | undefined): Target | undefined {
  if (container?.podName === undefined || container.name === undefined) return undefined;
  const { namespace, podName, name } = container;
  const successor = listContainers().find(
    (each) => each.namespace === namespace && each.podName === podName && each.name === name,
  );
  return successor && runningTarget(successor.id, successor.id);
}

function runningTarget(id: string, label: string): Target | undefined {
  try {
    const find = () => runningTarget(id, label);
    return { ...targetOf(id, label), whenEnded: { kind: 'follow', find } };
  } catch (error) {
    if (error instanceof OrdealError && error.code === 'ORD-305') return undefined;
    throw error;
  }
}

/** @param label what the user calls it */
function targetOf(id: string, label: string): Omit<Target, 'whenEnded'> {
  const root = cgroup2Root();
  if (root === undefined) return namespaceOfContainer(id, label);
  const [only, ...others] = findCgroups(root, root, id);
  if (only === undefined) return namespaceOfContainer(id, label);
  const nameOf = ({ path }: Cgroup) => path.slice(root.length + 1);
  if (others.length > 0) {
    throw new OrdealError('ORD-305', `Several running containers match '${label}'`, {
      detail: [only, ...others].map(nameOf),
      hint: 'Give more of the id.',
    });
  }
  const target = cgroupOf(only, root, `container ${label} (cgroup ${nameOf(only)})`);
  return { ...target, processes: () => settledProcesses(target.processes()) };
}

/**
 * Matches `<id>`, `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`, `libpod-<id>.scope`. An outer
 * match wins over cgroups inside it, and empty cgroups are not running containers.
 */
function findCgroups(root: string, directory: string, id: string): Cgroup[] {
  return directoriesIn(directory).flatMap((name) => {
    const path = join(directory, name);
    return namesContainer(name, id) && populated(path)
      ? [readCgroup(root, path)]
      : findCgroups(root, path, id);
  });
}

/** Exported for its test. A prefix of an id needs 4 characters. */
export function namesContainer(cgroupName: string, id: string): boolean {
  const name = cgroupName
    .replace(/\.scope$/, '')
    .replace(/^(docker|cri-containerd|crio|libpod|nerdctl|containerd)-/, '');
  return isNamed(name, id);
}

function isNamed(full: string, id: string): boolean {
  return full === id || (id.length >= 4 && /^[0-9a-f]{64}$/.test(full) && full.startsWith(id));
}

/** A cgroup may be removed while it is read. */
function directoriesIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function populated(path: string): boolean {
  try {
    return /^populated 1$/m.test(readFileSync(join(path, 'cgroup.events'), 'utf8'));
  } catch {
    return false;
  }
}

/** On cgroup v1 the v1 paths carry the id; the first such process in another pid namespace gives the scope. */
function namespaceOfContainer(id: string, label: string): Omit<Target, 'whenEnded'> {
  requireHostPids();
  for (const pid of settledProcesses(listProcesses())) {
    const paths = readCgroupPaths(pid);
    if (!paths.some((path) => path.split('/').some((part) => namesContainer(part, id)))) continue;
    const inode = pidNamespaceInode(pid);
    const level = (readProcessStatus(pid)?.namespacePids.length ?? 1) - 1;
    if (inode === undefined) continue;
    const command = readCommandLine(pid).join(' ');
    if (level === 0) return processTarget(pid);
    // Processes that have been set up first; a process that must not be read is skipped.
    const settled = () => settledProcesses(listProcesses());
    return {
      scope: { kind: 'pid-namespace', inode, level },
      description: `container ${label} (pid ${pid}, ${command})`,
      cgroupPath: undefined,
      processes: () => settled().filter((each) => pidNamespaceInode(each) === inode),
    };
  }
  throw noSuchContainer(label, listContainers());
}

function readCgroupPaths(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .split('\n')
      .map((line) => line.split(':').slice(2).join(':'));
  } catch {
    return [];
  }
}
