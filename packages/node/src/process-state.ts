import { readFileSync } from 'node:fs';

/** The state letter of a process (`R`, `S`, `T`, …, man 5 proc_pid_stat); undefined where it is gone. */
export function readProcessState(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may contain anything.
    return text[text.lastIndexOf(')') + 2];
  } catch {
    return undefined;
  }
}
