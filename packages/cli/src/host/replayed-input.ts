import { existsSync, fstatSync, readlinkSync } from 'node:fs';
import type { SweepFlags } from '../flags/sweep-flags.js';

/**
 * The flags with the standard input of every run of a sweep.
 *
 * @param file the document; `-` uses the standard input
 * itself
 */
export function withInput<T extends SweepFlags>(flags: T, file: string | undefined): T {
  const stdin = flags.stdin ?? (file === '-' ? undefined : redirectedInput());
  return stdin === undefined ? flags : { ...flags, stdin };
}

/**
 * The file that standard input was redirected from, which every run of a sweep can read from its start; undefined for
 * terminals, pipes, and files without a name.
 */
function redirectedInput(): string | undefined {
  try {
    if (!fstatSync(0).isFile()) return undefined;
    const path = readlinkSync('/proc/self/fd/0');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
