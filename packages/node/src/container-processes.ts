import { readFileSync, readlinkSync } from 'node:fs';
import { mountNamespace } from './process-of-target.js';

/** runc's names for the stages of its own program in a container: libcontainer/nsenter/nsexec.c. */
const RUNTIME_STAGE = /^runc:\[/;
/** The link to the program of a runtime, which may run from a copy of itself in memory. */
const RUNTIME_PROGRAM = /(^|\/|memfd:)(runc|crun|youki)(_cloned)?(:[^ ]*)?( \(deleted\))?$/;

/**
 * The processes of a container that see its files: not the runtime's own, which sets the container up or enters it for
 * `exec` and may still see the host's files.
 */
export function settledProcesses(pids: readonly number[]): number[] {
  const here = mountNamespace('self');
  return pids.filter((pid) => mountNamespace(pid) !== here && !isRuntime(pid));
}

function isRuntime(pid: number): boolean {
  try {
    if (RUNTIME_STAGE.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))) return true;
    return RUNTIME_PROGRAM.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return true; // It has ended.
  }
}
