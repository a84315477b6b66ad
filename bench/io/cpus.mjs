// Servers and clients are bound to the same CPU: what is measured is the work, not the wake-ups between CPUs, which cost
// more than the work and vary from run to run. There one of them runs at any time, so operations a second are operations
// a second of CPU time that both take together; counted like that, other programs do not disturb.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The last CPU: interrupts usually go to the first. */
export const CPU = cpus().length - 1;

let places = [CPU];

/** Binds what is started by `body` to these CPUs instead. */
export async function onCpus(numbers, body) {
  const before = places;
  places = numbers;
  try {
    return await body();
  } finally {
    places = before;
  }
}

/** A command line that runs a program bound. */
export function bound(command) {
  return ['taskset', '-c', places.join(','), ...command];
}

/** Seconds of CPU time that the threads of a process have had so far; of none, 0. */
export function cpuTimeOf(pid) {
  if (pid === 0) return 0;
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // It has ended: an idle thread of an io_uring.
    }
  }
  return nanoseconds / 1e9;
}
