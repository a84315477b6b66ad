import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { RUN_DIRECTORY } from '../halt.js';
import type { Rescue } from '../move/unwritten-pages.js';

const DIRECTORY = join(RUN_DIRECTORY, 'io');

/** A process, told apart from a later one with the same id. */
export interface ProcessName {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly started: string;
}

/** What must be known to take an injection back when everybody who made it is dead. Written before anything is touched. */
export interface Journal {
  readonly id: string;
  /** Of this boot: what an earlier one left is gone. */
  readonly boot: string;
  /** Who holds it: the keeper, or whoever recovers it in its place. */
  readonly keeper: ProcessName;
  /** The other processes of the injection, as they were started; most have ended. */
  readonly server: ProcessName | undefined;
  readonly holder: ProcessName | undefined;
  readonly mover: ProcessName | undefined;
  /** The link in /proc/PID/ns/mnt of the target. */
  readonly namespace: string;
  /** The process by which the path was found. */
  readonly pid: number;
  readonly path: string;
  /** Source of the mount in mountinfo, which no other mount has. */
  readonly source: string;
  /** Mounts that are, or are about to be, placed, the upper one first; empty before. */
  readonly mounts: readonly number[];
  readonly connection: number | undefined;
  /** Whether names of files must do where inode numbers were overridden. */
  readonly trustNames: boolean;
  /** Whether locks of the volume's users are the server's. */
  readonly locksHeld: boolean;
  /** What is to be saved of what a dead server never got: not what differs because reads were damaged. */
  readonly rescue: Rescue;
}

/** Writes a journal, whole or not at all; it need not reach a disk. @throws OrdealError ORD-715 */
export function writeJournal(journal: Journal): void {
  const path = join(DIRECTORY, `${journal.id}.json`);
  try {
    // One level at a time: of several at once, Node tells ENOENT where the file system is read-only.
    for (const directory of [RUN_DIRECTORY, DIRECTORY]) {
      if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
    }
    writeFileSync(`${path}.new`, JSON.stringify(journal), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    rmSync(`${path}.new`, { force: true });
    throw new OrdealError('ORD-715', `the journal cannot be written: ${(cause as Error).message}`, { cause });
  }
}

export function removeJournal(id: string): void {
  rmSync(join(DIRECTORY, `${id}.json`), { force: true });
}

/** The journals of this boot; those of earlier boots are removed. */
export function readJournals(): Journal[] {
  let names: string[];
  try {
    names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const journal = parse(join(DIRECTORY, name));
    if (journal?.boot === bootId()) return [journal];
    rmSync(join(DIRECTORY, name), { force: true });
    return [];
  });
}

function parse(path: string): Journal | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Journal;
  } catch {
    return undefined;
  }
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** `undefined` where there is no such process. */
export function nameProcess(pid: number): ProcessName | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return { pid, started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
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
 * Kills a process if it is still the one that is meant, and waits for its end: it does not end while it waits for a file
 * system that nobody serves.
 *
 * @returns whether it has ended
 */
export function endProcess(name: ProcessName, milliseconds: number): Promise<boolean> {
  if (!isAlive(name)) return Promise.resolve(true);
  try {
    process.kill(name.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  return awaitEnd(name, milliseconds);
}
