import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { LONG_LIVED } from '@ordeal/linux';

/** The programs of an injection, each bundled to one file. Literals, so that the bundler finds them. */
const PROGRAMS = {
  keeper: new URL('./programs/keeper.cjs', import.meta.url),
  server: new URL('./programs/server.cjs', import.meta.url),
  mover: new URL('./programs/mover.cjs', import.meta.url),
} as const;

/**
 * Options of Node for a mover: others stand still while its code runs, most of it for the first time. So all of it is compiled
 * when it starts, by the compiler that is done at once; the optimizing ones would take more time than their code saves. And no
 * garbage is collected meanwhile: it is before, and there is room for megabytes of it.
 */
const PROMPT: readonly string[] = [
  '--no-lazy',
  '--always-sparkplug',
  '--no-opt',
  '--no-maglev',
  '--single-threaded',
  '--min-semi-space-size=16',
  '--expose-gc',
];
const OPTIONS = { keeper: LONG_LIVED, server: [], mover: PROMPT } as const;

/** Nice values; -20 is the highest priority. Children inherit that of a keeper. */
const KEEPER = -15;
/** Higher, and a CPU that a mover offers would hardly go to those for whom it waits. */
const MOVER = -5;
const USUAL = 0;

/**
 * Starts a program of an injection in its own session, so that signals of the terminal do not reach it, and outside
 * of every directory that may be covered. At descriptor 3 it has an IPC channel, a server a socket; what descriptors it needs
 * it takes from this process (pidfd_getfd(2)), so that it can be started before they exist.
 */
export function startProgram(name: keyof typeof PROGRAMS, words: readonly string[] = []): ChildProcess {
  const program = spawn(process.execPath, [...OPTIONS[name], fileURLToPath(PROGRAMS[name]), ...words], {
    cwd: '/',
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', name === 'server' ? 'pipe' : 'ipc'],
  });
  setNice(program, name === 'keeper' ? KEEPER : USUAL);
  return program;
}

/**
 * Gives a mover with a task priority on a busy machine: for it other processes stand still or wait. Not one that starts
 * meanwhile, nor a server, which must not be faster than the file system that it replaces.
 */
export function preferMover(program: ChildProcess): void {
  setNice(program, MOVER);
}

function setNice({ pid }: ChildProcess, value: number): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, value);
    // If sessions are scheduled as groups, the nice value of the group counts (man 7 sched, autogroup).
    writeFileSync(`/proc/${pid}/autogroup`, String(value));
  } catch {
    // Without permission, or in a kernel without autogroups, it still works, but more slowly.
  }
}
