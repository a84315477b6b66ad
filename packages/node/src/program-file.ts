import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';

/**
 * The file that execvp(3) would execute for a name: the name itself if it has a slash, otherwise the first
 * executable file of this name in the PATH. Undefined if there is none.
 */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  if (name === '') return undefined;
  const files = path.split(delimiter).map((directory) => join(directory, name));
  return files.find(isExecutable);
}

/** @throws OrdealError ORD-303 if a command cannot be executed, with the reason */
export function requireProgram(name: string): void {
  if (findProgram(name) !== undefined) return;
  throw new OrdealError('ORD-303', `${name || "''"} cannot be executed: ${whyNot(name)}`);
}

function whyNot(name: string): string {
  if (!name.includes('/')) return 'there is no such program in the PATH';
  try {
    return statSync(name).isFile() ? 'the file is not executable' : 'it is not a file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'permission denied' : 'there is no such file';
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
