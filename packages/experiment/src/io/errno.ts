import { ERRNO, nearestNames } from '@ordeal/diagnostics';
import { fault, type Parsed, read } from '../parsed.js';

/**
 * The largest error number that a FUSE server can answer with: from 512 on they are the kernel's own
 * (include/linux/errno.h), and fs/fuse/dev.c refuses such replies.
 */
export const MAX_ERRNO = 511;

/** Names that a document may use; the last three are other names of the C library (errno(3)). */
const NUMBERS = new Map<string, number>([
  ...Object.entries(ERRNO).filter(([, number]) => number <= MAX_ERRNO),
  ['EWOULDBLOCK', ERRNO.EAGAIN],
  ['EDEADLOCK', ERRNO.EDEADLK],
  ['ENOTSUP', ERRNO.EOPNOTSUPP],
]);

/** Reads an error's name, `EIO` for example, in any case. */
export function parseErrno(text: string): Parsed<number> {
  const name = text.toUpperCase();
  const number = NUMBERS.get(name);
  if (number !== undefined) return read(number);
  const near = nearestNames(name, [...NUMBERS.keys()]);
  const hint =
    near.length > 0 ? `did you mean ${near.join(', ')}?` : 'a number, or a name such as EIO or ENOSPC';
  return fault(0, text.length, `'${text}' is not the name of an error`, hint);
}
