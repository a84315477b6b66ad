import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { OrdealError, UnsupportedError } from '@ordeal/diagnostics';
import type { Scope } from '@ordeal/kernel-chaos';
import {
  type Cgroup,
  cgroup2Root,
  listProcesses,
  pidNamespaceInode,
  readCgroup,
  readCommandLine,
  readProcessStatus,
} from '@ordeal/linux';
import type { TargetChoice } from './run-request.js';

/** A target on this machine: how the kernel-side programs recognise it, and what a person calls it. */
export interface Target {
  readonly scope: Scope;
  readonly description: string;
  /** Path below the root of the v2 hierarchy, `/ordeal/4211-0`; undefined for targets that are no cgroup. */
  readonly cgroupPath: string | undefined;
}

/** The inode of the initial pid namespace (`PROC_PID_INIT_INO`, include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 0xeffffffc;

/** The one target that a flag names. @throws OrdealError ORD-301, ORD-302, ORD-305; UnsupportedError ORD-304, ORD-306 */
export function findTarget(choice: Exclude<TargetChoice, { kind: 'command' | 'selector' }>): Target {
  switch (choice.kind) {
    case 'pid':
      return processTarget(choice.pid);
    case 'cgroup':
      return cgroupTarget(choice.path);
    case 'container':
      return containerTarget(choice.id);
  }
}

/** A process with its descendants. @throws OrdealError ORD-301 where there is no such process */
export function processTarget(pid: number): Target {
  const status = readProcessStatus(pid);
  if (!status) throw new OrdealError('ORD-301', `There is no process ${pid}`);
  requireHostPids();
  return {
    scope: { kind: 'process-tree', pid },
    description: `${status.name} and its children (pid ${pid})`,
    cgroupPath: undefined,
  };
}

/**
 * A cgroup v2 directory with its descendants.
 *
 * @param path absolute, or relative to the root of the hierarchy
 * @throws OrdealError ORD-302 where it is no cgroup; UnsupportedError ORD-304 without cgroup v2
 */
export function cgroupTarget(path: string): Target {
  const root = requireCgroup2();
  const absolute = isAbsolute(path) && path.startsWith(root) ? resolve(path) : join(root, path);
  if (!existsSync(join(absolute, 'cgroup.procs'))) {
    throw new OrdealError('ORD-302', `${path} is not a cgroup below ${root}`);
  }
  const cgroup = readCgroup(root, absolute);
  return cgroupOf(cgroup, root, `cgroup ${absolute.slice(root.length + 1) || '/'}`);
}

/** A cgroup that is known already. @param root where the hierarchy is mounted */
export function cgroupOf(cgroup: Cgroup, root: string, description: string): Target {
  const { id, level, path } = cgroup;
  return { scope: { kind: 'cgroup', id, level }, description, cgroupPath: path.slice(root.length) || '/' };
}

/**
 * A running container by its id or a unique beginning of it, whatever runtime made it: by its cgroup, which all
 * runtimes name after it. On hosts without cgroup v2, by its pid namespace.
 *
 * @throws OrdealError ORD-305 where none or several match
 */
export function containerTarget(id: string): Target {
  const root = cgroup2Root();
  const cgroups = root === undefined ? [] : findCgroups(root, root, id);
  const [only, ...others] = cgroups;
  if (others.length > 0) {
    const list = cgroups.map((cgroup) => cgroup.path.slice((root ?? '').length)).join(', ');
    throw new OrdealError('ORD-305', `Several containers match '${id}': ${list}`, {
      hint: 'Give more of the id.',
    });
  }
  if (only && root !== undefined) {
    return cgroupOf(only, root, `container ${id} (cgroup ${only.path.slice(root.length + 1)})`);
  }
  return namespaceOfContainer(id);
}

/**
 * Matches `<id>`, `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`, `libpod-<id>.scope`. An outer
 * match wins over cgroups inside it, and empty ones are no running containers.
 */
function findCgroups(root: string, directory: string, id: string): Cgroup[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const path = join(directory, entry.name);
    return namesContainer(entry.name, id) && populated(path)
      ? [readCgroup(root, path)]
      : findCgroups(root, path, id);
  });
}

/** Exported for its test. A beginning of an id needs 4 characters. */
export function namesContainer(cgroupName: string, id: string): boolean {
  const name = cgroupName
    .replace(/\.scope$/, '')
    .replace(/^(docker|cri-containerd|crio|libpod|nerdctl|containerd)-/, '');
  return name === id || (id.length >= 4 && /^[0-9a-f]{64}$/.test(name) && name.startsWith(id));
}

function populated(path: string): boolean {
  return /^populated 1$/m.test(readFileSync(join(path, 'cgroup.events'), 'utf8'));
}

/** On cgroup v1 the v1 paths carry the id; the first such process in another pid namespace gives the scope. */
function namespaceOfContainer(id: string): Target {
  requireHostPids();
  for (const pid of listProcesses()) {
    const paths = readCgroupPaths(pid);
    if (!paths.some((path) => path.split('/').some((part) => namesContainer(part, id)))) continue;
    const inode = pidNamespaceInode(pid);
    const level = (readProcessStatus(pid)?.namespacePids.length ?? 1) - 1;
    if (inode === undefined) continue;
    const command = readCommandLine(pid).join(' ');
    if (level === 0) return processTarget(pid);
    const scope = { kind: 'pid-namespace', inode, level } as const;
    return { scope, description: `container ${id} (pid ${pid}, ${command})`, cgroupPath: undefined };
  }
  throw new OrdealError('ORD-305', `No running container matches '${id}'`, {
    hint: 'Give the id as the container runtime shows it, or use --pid or --cgroup.',
  });
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

/** Pids and namespace levels mean something to the kernel only in the initial pid namespace. */
function requireHostPids(): void {
  if (pidNamespaceInode('self') === INITIAL_PID_NAMESPACE) return;
  throw new UnsupportedError(
    'ORD-306',
    'the host’s pid namespace',
    'This process runs in a pid namespace of its own',
  );
}

function requireCgroup2(): string {
  const root = cgroup2Root();
  if (root !== undefined && statSync(root).isDirectory()) return root;
  throw new UnsupportedError('ORD-304', 'cgroup v2', 'This host has no cgroup v2 hierarchy');
}
