import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listProcesses, readProcessState } from '@ordeal/linux';

/** The living processes that were started with a run directory: also one that keeps descriptors, which has its server's memory. */
export function processesOf(run: string): number[] {
  const mark = `ORDEAL_RUN=${run}\0`;
  return listProcesses().filter((pid) => read(`/proc/${pid}/environ`).includes(mark));
}

/** The one that has halted, as {@link halting} says; undefined before that. */
export function haltedOf(run: string): number | undefined {
  const pid = Number(/^(\d+) .*\n$/.exec(read(join(run, 'halted')))?.[1]);
  return readProcessState(pid) === 'T' ? pid : undefined;
}

/** Empty if there is no such file, or the process has ended. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
