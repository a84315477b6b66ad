import { errnoName, SyscallError } from '@ordeal/linux';

/** What a case observed, in a form that can be compared and printed. */
export type Observation =
  | null
  | boolean
  | number
  | string
  | readonly Observation[]
  | { readonly [key: string]: Observation };

/**
 * One behaviour of a file system. Works in an empty directory of its own, needs root, touches nothing else, and tells
 * what it saw: two file systems conform if they show the same. Nothing that differs between two runs (times, inode
 * numbers) may be told.
 */
export interface Case {
  readonly name: string;
  run(directory: string): Observation;
}

/** This host cannot run a case, whatever the file system does. */
export class CannotRun extends Error {}

/**
 * What `action` returned (something that is an observation), `done` where nothing, or the name of the error that it
 * met.
 */
export function attempt(action: () => unknown): Observation {
  try {
    return (action() as Observation | undefined) ?? 'done';
  } catch (error) {
    if (error instanceof SyscallError) return errnoName(error.errno);
    const code = (error as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && code.startsWith('E')) return code;
    throw error;
  }
}
