import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The cache: `ORDEAL_CACHE`, else `ordeal` in `XDG_CACHE_HOME` (default `~/.cache`). Absolute; may not exist. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.ORDEAL_CACHE) return resolve(environment.ORDEAL_CACHE);
  return join(resolve(environment.XDG_CACHE_HOME || join(homedir(), '.cache')), 'ordeal');
}

/** Where this package's own files are: `guest/` and `kernel/`. */
export function packageFile(...parts: string[]): string {
  return join(fileURLToPath(new URL('..', import.meta.url)), ...parts);
}
