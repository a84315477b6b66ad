import type { Request } from '@ordeal/fuse';

/**
 * A name as the key of {@link Node.children}: one UTF-16 unit a byte.
 *
 * @throws RangeError for what no entry is called and the kernel never sends: it would lead out of the directory
 */
export function nameKey(request: Request, at: number, length: number): string {
  const key = request.latin1(at, length);
  if (key === '' || key === '.' || key === '..' || key.includes('/')) {
    throw new RangeError(`${JSON.stringify(key)} is no name of an entry`);
  }
  return key;
}
