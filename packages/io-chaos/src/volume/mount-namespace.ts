import { existsSync, readlinkSync } from 'node:fs';
import { listProcesses } from '@ordeal/linux';

/** The name of a process's mount namespace, `mnt:[4026531841]`; `undefined` if the process is gone. */
export function mountNamespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** A live process of a mount namespace, `preferred` if it is one; `undefined` if the namespace is gone. */
export function processIn(namespace: string, preferred: number): number | undefined {
  if (mountNamespaceOf(preferred) === namespace) return preferred;
  return listProcesses().find((pid) => mountNamespaceOf(pid) === namespace);
}

/** Whether a process has ended, or is about to: it loses its root directory some time before its mount namespace. */
export function hasEnded(pid: number): boolean {
  return !existsSync(`/proc/${pid}/root/`);
}
