import { readFileSync } from 'node:fs';
import { listProcesses } from './procfs.js';

/**
 * The number that this pid namespace gave out last (pid_ns_ctl_handler(), kernel/pid_namespace.c; CONFIG_CHECKPOINT_RESTORE).
 * It changes with every process and thread that starts.
 */
const LAST = '/proc/sys/kernel/ns_last_pid';

/** Tells which processes have started since it was last asked, or since it was made. */
export class NewProcesses {
  #last = lastPid();
  #known = new Set(listProcesses());

  /** Nearly always there are none, which takes one read instead of a list of all. */
  appeared(): number[] {
    const last = lastPid();
    if (last !== undefined && last === this.#last) return [];
    // Read before the list: whatever starts later is found the next time.
    this.#last = last;
    const all = listProcesses();
    const fresh = all.filter((pid) => !this.#known.has(pid));
    this.#known = new Set(all);
    return fresh;
  }
}

function lastPid(): string | undefined {
  try {
    return readFileSync(LAST, 'latin1');
  } catch {
    return undefined;
  }
}
