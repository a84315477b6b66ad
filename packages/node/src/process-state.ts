import { readFileSync } from 'node:fs';

/** The state letter of a process (`R`, `S`, `T`, …, man 5 proc_pid_stat); undefined if it has ended. */
export function readProcessState(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

/** When a process started, in clock ticks since boot; distinguishes it from a later one with the same id. */
export function readProcessStart(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

/** The fields of /proc/PID/stat from the third on. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name is in parentheses and may contain anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
