import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { listProcesses, processTree, readProcessStatus, sendSignal } from '@ordeal/linux';
import { parseMaps } from '@ordeal/move';
import { isAlive, nameProcess, type ProcessName } from '../process-name.js';
import { deviceOfConnection, usesConnection } from '../volume/volume-users.js';

/** Milliseconds in which all have ended, and between two looks. */
const LIMIT = 60_000;
const LOOK = 10;

/** A process that was killed. */
export interface KilledProcess {
  readonly pid: number;
  readonly command: string;
}

export interface KillOptions {
  /** Of the FUSE connection whose files they have open or mapped. */
  readonly connection: number;
  /** Killed with all their descendants, whatever they use. */
  readonly pids: readonly number[];
  /** Left alone. */
  readonly except: readonly number[];
}

/** Kills whoever uses a file system, again and again until nobody does. @throws OrdealError ORD-718 where one stays */
export async function killUsers({ connection, pids, except }: KillOptions): Promise<KilledProcess[]> {
  const spared = new Set([...except, process.pid, 1]);
  const killed = new Map<number, KilledProcess>();
  const doomed = new Map<number, ProcessName>();
  const begun = performance.now();
  for (;;) {
    const found = [...pids.flatMap(processTree), ...usersOfConnection(connection, spared)];
    for (const pid of found) {
      const name = spared.has(pid) ? undefined : nameProcess(pid);
      if (name) doomed.set(pid, name);
    }
    const alive = [...doomed.values()].filter(isAlive);
    const [first] = alive;
    if (!first) return [...killed.values()];
    if (performance.now() - begun > LIMIT)
      throw new OrdealError('ORD-718', `process ${first.pid} was killed and does not end`);
    for (const { pid } of alive) {
      if (!killed.has(pid)) killed.set(pid, { pid, command: readProcessStatus(pid)?.name ?? '' });
      sendSignal(pid, 'SIGKILL');
    }
    await sleep(LOOK);
  }
}

function usersOfConnection(connection: number, spared: ReadonlySet<number>): number[] {
  return listProcesses().filter(
    (pid) => !spared.has(pid) && (usesConnection(pid, connection) || maps(pid, connection)),
  );
}

function maps(pid: number, connection: number): boolean {
  try {
    const mappings = parseMaps(readFileSync(`/proc/${pid}/maps`, 'latin1'));
    return mappings.some(({ device }) => device === deviceOfConnection(connection));
  } catch {
    return false;
  }
}
