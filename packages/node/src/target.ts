import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { OrdealError, UnsupportedError } from '@ordeal/diagnostics';
import type { Scope } from '@ordeal/kernel-chaos';
import {
  type Cgroup,
  cgroup2Root,
  pidNamespaceInode,
  readCgroup,
  readMounts,
  readProcessStart,
  readProcessState,
  readProcessStatus,
} from '@ordeal/linux';
import { processesBelow } from './process-of-target.js';

/** A target on this machine: how it is recognised, and its name for the user. */
export interface Target {
  /** For the BPF programs; undefined for a cgroup of version 1, which they cannot recognise. */
  readonly scope: Scope | undefined;
  readonly description: string;
  /** Path below the root of the v2 hierarchy, `/ordeal/4211-0`; undefined for other targets. */
  readonly cgroupPath: string | undefined;
  /** Some of its processes as they are now, at least one in each of its mount namespaces. */
  readonly processes: () => readonly number[];
  readonly whenEnded: WhenEnded;
}

/**
 * What I/O faults do when their target has ended: `lift` ends them once `has` ended it, `follow` waits until it is
 * found again under the same name, `stay` leaves it to the owner of the target.
 */
export type WhenEnded =
  | { readonly kind: 'lift'; readonly has: () => boolean }
  | { readonly kind: 'follow'; readonly find: () => Target | undefined }
  | { readonly kind: 'stay' };

/** The inode of the initial pid namespace (`PROC_PID_INIT_INO`, include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 0xeffffffc;

/** A process with its descendants. @throws OrdealError ORD-301 if there is no such process */
export function processTarget(pid: number): Target {
  const status = readProcessStatus(pid);
  const started = readProcessStart(pid);
  if (!status) throw new OrdealError('ORD-301', `There is no process ${pid}`);
  requireHostPids();
  const has = () => readProcessStart(pid) !== started || readProcessState(pid) === 'Z';
  return {
    scope: { kind: 'process-tree', pid },
    description: `${status.name} and its children (pid ${pid})`,
    cgroupPath: undefined,
    processes: () => [pid],
    whenEnded: { kind: 'lift', has },
  };
}

/**
 * A cgroup directory with its descendants: of version 2, or of any hierarchy of version 1.
 *
 * @param path absolute, or relative to the root of the v2 hierarchy
 * @throws OrdealError ORD-302 if it is not a cgroup; UnsupportedError ORD-304 for a relative path without cgroup v2
 */
export function cgroupTarget(path: string): Target {
  const find = () => (existsSync(directory) ? cgroupTarget(path) : undefined);
  const whenEnded: WhenEnded = { kind: 'follow', find };
  const root = cgroup2Root();
  let directory = path;
  if (root !== undefined) {
    directory = isAbsolute(path) && path.startsWith(root) ? resolve(path) : join(root, path);
    if (isCgroup(directory)) {
      const label = directory.slice(root.length + 1) || '/';
      return { ...cgroupOf(readCgroup(root, directory), root, `cgroup ${label}`), whenEnded };
    }
  } else if (!isAbsolute(path)) {
    throw withoutCgroup2();
  }
  if (!isAbsolute(path) || !isOfVersion1(path)) {
    throw new OrdealError('ORD-302', `${path} is not a cgroup${root === undefined ? '' : ` below ${root}`}`);
  }
  directory = path;
  return {
    scope: undefined,
    description: `cgroup ${path}`,
    cgroupPath: undefined,
    processes: () => processesBelow(path),
    whenEnded,
  };
}

/** A cgroup that was found already. @param root where the hierarchy is mounted */
export function cgroupOf(cgroup: Cgroup, root: string, description: string): Target {
  const { id, level, path } = cgroup;
  return {
    scope: { kind: 'cgroup', id, level },
    description,
    cgroupPath: path.slice(root.length) || '/',
    processes: () => processesBelow(path),
    whenEnded: { kind: 'stay' },
  };
}

/** Whether a target that was found is still the one that it was; cheap. */
export function isThere({ scope, whenEnded, cgroupPath, processes }: Target): boolean {
  if (whenEnded.kind === 'lift') return !whenEnded.has();
  // A cgroup of version 1 cannot be told from a later one of its path; without processes it is over.
  if (scope === undefined || scope.kind === 'pid-namespace') return processes().length > 0;
  const root = cgroup2Root();
  if (scope.kind !== 'cgroup' || cgroupPath === undefined || root === undefined) return true;
  return statSync(join(root, cgroupPath), { bigint: true, throwIfNoEntry: false })?.ino === scope.id;
}

/** Pids and namespace levels mean something to the kernel only in the initial pid namespace. */
export function requireHostPids(): void {
  if (pidNamespaceInode('self') === INITIAL_PID_NAMESPACE) return;
  throw new UnsupportedError(
    'ORD-306',
    'the host’s pid namespace',
    'This process runs in its own pid namespace',
  );
}

/** The error for kernel faults whose target is not a cgroup of version 2. */
export function withoutCgroup2(): UnsupportedError {
  return new UnsupportedError('ORD-304', 'cgroup v2', 'This host has no cgroup v2 hierarchy');
}

function isCgroup(directory: string): boolean {
  return existsSync(join(directory, 'cgroup.procs'));
}

function isOfVersion1(directory: string): boolean {
  const mounts = readMounts().filter(({ type }) => type === 'cgroup');
  return isCgroup(directory) && mounts.some(({ path }) => resolve(directory).startsWith(`${path}/`));
}
