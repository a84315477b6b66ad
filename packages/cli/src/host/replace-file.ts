import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';

/** Refuses a path where no file can be written, before anything is done. @throws OrdealError ORD-902 */
export function requireWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new OrdealError('ORD-902', `${path} cannot be written: it is a directory`);
}

/** Writes a file atomically, replacing an existing one. @throws OrdealError ORD-902 */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  try {
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): OrdealError {
  return new OrdealError('ORD-902', `${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
}
