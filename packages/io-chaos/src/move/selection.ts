import { readlinkSync } from 'node:fs';
import { listProcesses, processTree } from '@ordeal/linux';

/**
 * The processes that can see what `target` sees: those in its mount namespace, and its descendants wherever they are,
 * in the order of /proc. This process is never among them, nor are those in `except` (a server that holds the
 * old tree must stay on it).
 */
export function processesSeeing(target: number, except: readonly number[] = []): number[] {
  const namespace = mountNamespace(target);
  const tree = processTree(target);
  const others = listProcesses().filter(
    (pid) => namespace !== undefined && mountNamespace(pid) === namespace,
  );
  return [...new Set([...others, ...tree])].filter((pid) => pid !== process.pid && !except.includes(pid));
}

function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}
