import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** The absolute path of a program, searched for in PATH and the sbin directories; undefined when missing. */
export async function programPath(name: string): Promise<string | undefined> {
  const directories = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`.split(':');
  for (const directory of directories.filter((entry) => entry !== '')) {
    const path = join(directory, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}
