import { realpathSync } from 'node:fs';

/** The file that `ordeal` was started from, links resolved. */
export function programPath(): string {
  return realpathSync(process.argv[1] ?? '');
}
