import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readMounts } from './mountinfo.js';

/** A cgroup of the v2 hierarchy. */
export interface Cgroup {
  /** The directory, for example `/sys/fs/cgroup/ordeal/4211`. */
  readonly path: string;
  /** The kernel's 64-bit id (the inode of the directory, Linux ≥ 5.5), as `bpf_get_current_cgroup_id` returns it. */
  readonly id: bigint;
  /** Depth below the root of the hierarchy; the root is 0. */
  readonly level: number;
}

/** Where the v2 hierarchy is mounted; `undefined` on hosts with cgroup v1 alone. */
export function cgroup2Root(): string | undefined {
  return readMounts().find((mount) => mount.type === 'cgroup2')?.path;
}

/**
 * The cgroup of a directory in the v2 hierarchy. The hierarchy's root must be visible, not a delegated part, or the
 * level would be wrong.
 */
export function readCgroup(root: string, path: string): Cgroup {
  const relative = path.slice(root.length).split('/').filter(Boolean);
  return { path, id: statSync(path, { bigint: true }).ino, level: relative.length };
}

/** The v2 cgroup that a process is in; `undefined` if there is none or the process is gone. */
export function cgroupOfProcess(root: string, pid: number): Cgroup | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return undefined;
  }
  const path = /^0::(.*)$/m.exec(text)?.[1];
  if (path === undefined || path.startsWith('/..')) return undefined;
  return readCgroup(root, join(root, path));
}
