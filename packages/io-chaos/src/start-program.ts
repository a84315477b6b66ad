import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The programs of an injection, each bundled to one file. Literals, so that the bundler finds them. */
const PROGRAMS = {
  keeper: new URL('./programs/keeper.cjs', import.meta.url),
  server: new URL('./programs/server.cjs', import.meta.url),
  mover: new URL('./programs/mover.cjs', import.meta.url),
} as const;

/**
 * Nice values; -20 is the highest priority. While a mover works other processes are stopped, or wait for a dead
 * server: so it must have priority on a busy machine. A server must not be faster than the file system that it
 * replaces.
 */
const PRIORITY = { keeper: -15, mover: -15, server: 0 } as const;

/**
 * Starts a program of an injection in its own session, so that signals of the terminal do not reach it, and outside
 * of every directory that may be covered. It has an IPC channel; what descriptors it needs it takes from this process
 * (pidfd_getfd(2)), so that it can be started before they exist.
 */
export function startProgram(name: keyof typeof PROGRAMS): ChildProcess {
  const program = spawn(process.execPath, [fileURLToPath(PROGRAMS[name])], {
    cwd: '/',
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  if (program.pid !== undefined) prefer(program.pid, PRIORITY[name]);
  return program;
}

function prefer(pid: number, value: number): void {
  try {
    setPriority(pid, value);
    // If sessions are scheduled as groups, the nice value of the group counts (man 7 sched, autogroup).
    writeFileSync(`/proc/${pid}/autogroup`, String(value));
  } catch {
    // Without permission, or in a kernel without autogroups, it still works, but more slowly.
  }
}
