import { type ChildProcess, spawn } from 'node:child_process';

/** The programs of an injection, files of this directory. */
const PROGRAMS = {
  keeper: './keeper.js',
  server: './server.js',
  mover: './mover.js',
} as const;

/**
 * Starts a program of an injection in a session of its own, so that signals of the terminal do not reach it, and away
 * from every directory that may be covered. It hears messages; in it the given descriptors are 4, 5 ….
 */
export function startProgram(
  name: keyof typeof PROGRAMS,
  argument: object,
  descriptors: readonly number[] = [],
): ChildProcess {
  const path = new URL(PROGRAMS[name], import.meta.url).pathname;
  return spawn(process.execPath, [decodeURIComponent(path), JSON.stringify(argument)], {
    cwd: '/',
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc', ...descriptors],
  });
}

/** The number of the first descriptor that a program was given. */
export const FIRST_DESCRIPTOR = 4;

/** What a program was started with. */
export function programArgument<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}
