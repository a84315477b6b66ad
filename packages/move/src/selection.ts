import { readlinkSync } from 'node:fs';
import { listProcesses, processTree, readProcessStatus } from '@ordeal/linux';

/** Process trees are not deeper than this. */
const DEEPEST = 1000;

/**
 * The processes that can see what `target` sees: those in its mount namespace, and its descendants in any namespace,
 * in the order of /proc. This process is never among them, nor are those in `except` (a server that holds the old
 * tree must stay on it).
 *
 * @param among if given, only these are inspected: inspecting all takes long if there are many
 */
export function processesSeeing(
  target: number,
  except: readonly number[] = [],
  among?: readonly number[],
): number[] {
  const namespace = mountNamespace(target);
  const excluded = new Set([process.pid, ...except]);
  if (among) {
    const parents = new Map<number, number>();
    const sees = (pid: number) =>
      (namespace !== undefined && mountNamespace(pid) === namespace) || isBelow(pid, target, parents);
    return among.filter((pid) => !excluded.has(pid) && sees(pid));
  }
  const tree = processTree(target);
  const others = listProcesses().filter(
    (pid) => namespace !== undefined && mountNamespace(pid) === namespace,
  );
  return [...new Set([...others, ...tree])].filter((pid) => !excluded.has(pid));
}

/** Whether a process is `ancestor` or descends from it. @param parents those that have been looked up */
function isBelow(pid: number, ancestor: number, parents: Map<number, number>): boolean {
  // Process ids are reused: a chain read piece by piece could be a cycle.
  for (let at = pid, step = 0; at > 0 && step < DEEPEST; step++) {
    if (at === ancestor) return true;
    const parent = parents.get(at) ?? readProcessStatus(at)?.parent ?? 0;
    parents.set(at, parent);
    at = parent;
  }
  return false;
}

function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}
