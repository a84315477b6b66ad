import { accessSync, constants, readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { readMounts } from '@ordeal/linux';
import { type Verdict, WORKS } from '@ordeal/node';

/** The name of the distribution; undefined if there is no os-release(5). */
export function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** The architecture by its name in the kernel. */
export function architecture(): string {
  return { x64: 'x86-64', arm64: 'arm64' }[arch()] ?? arch();
}

/** Describes the cgroup hierarchies that are mounted. */
export function cgroupVersions(): string {
  const types = new Set(readMounts().map((mount) => mount.type));
  if (!types.has('cgroup2')) return types.has('cgroup') ? 'cgroup v1' : 'no cgroups';
  return types.has('cgroup') ? 'cgroup v1 and v2' : 'cgroup v2';
}

/** Whether a program is in the PATH. */
export function findProgram(name: string, path = process.env.PATH ?? ''): Verdict {
  for (const directory of path.split(':')) {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return WORKS;
    } catch {}
  }
  return { works: false, missing: name, reason: `${name} is not installed` };
}
