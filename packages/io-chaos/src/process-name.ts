import { setTimeout } from 'node:timers/promises';
import { readStat, STAT, sendSignal } from '@ordeal/linux';

/** A process, distinguished from a later one with the same pid. */
export interface ProcessName {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly started: string;
}

/** `undefined` if there is no such process. */
export function nameProcess(pid: number): ProcessName | undefined {
  const stat = readStat(pid);
  if (!stat || stat[STAT.state] === 'Z') return undefined;
  return { pid, started: stat[STAT.startTime] ?? '' };
}

export function isAlive({ pid, started }: ProcessName): boolean {
  return nameProcess(pid)?.started === started;
}

/** Waits for the end of a process. @returns whether it has ended */
export async function awaitEnd(name: ProcessName, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isAlive(name)) {
    if (performance.now() > deadline) return false;
    await setTimeout(5);
  }
  return true;
}

/**
 * Kills a process if it is still the same one, and waits for its end: it does not end while it waits for a file
 * system without a server.
 *
 * @returns whether it has ended
 */
export function endProcess(name: ProcessName, milliseconds: number): Promise<boolean> {
  if (!isAlive(name)) return Promise.resolve(true);
  sendSignal(name.pid, 'SIGKILL');
  return awaitEnd(name, milliseconds);
}
