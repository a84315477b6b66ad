import type { MovedProcess } from './report.js';

/** What was done to each process so far. */
export class MovedProcesses {
  readonly #processes = new Map<number, MovedProcess>();

  of(pid: number): MovedProcess {
    const known = this.#processes.get(pid);
    if (known) return known;
    const fresh: MovedProcess = {
      pid,
      threads: 0,
      descriptors: 0,
      directories: 0,
      mappings: 0,
      savedBytes: 0,
      stopsMs: [],
      ended: false,
    };
    this.#processes.set(pid, fresh);
    return fresh;
  }

  get all(): MovedProcess[] {
    return [...this.#processes.values()];
  }
}
