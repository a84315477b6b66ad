import { existsSync, fstatSync, readlinkSync } from 'node:fs';

/**
 * The file that standard input was redirected from, which every run of a sweep can read from its start; undefined for
 * terminals, pipes, and files without a name.
 */
export function redirectedInput(): string | undefined {
  try {
    if (!fstatSync(0).isFile()) return undefined;
    const path = readlinkSync('/proc/self/fd/0');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
