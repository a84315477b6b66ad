import { FATTR, OPCODE, OPCODE_LIMIT, type Request, readOpen, readSetattr } from '@ordeal/fuse';
import { O } from '../backing/file-flags.js';
import { NAME_REQUESTS } from '../name-requests.js';

const changing = new Array<boolean>(OPCODE_LIMIT).fill(false);
for (const opcode of [
  OPCODE.WRITE,
  OPCODE.FSYNC,
  OPCODE.FSYNCDIR,
  OPCODE.SYNCFS,
  OPCODE.FALLOCATE,
  OPCODE.COPY_FILE_RANGE,
  OPCODE.COPY_FILE_RANGE_64,
  ...NAME_REQUESTS,
]) {
  changing[opcode] = true;
}

/**
 * Whether a program asks for a change that a power failure could take away, or for an end of that: between two such
 * requests, what it could take away stays the same. The kernel writes pages back at times of its own.
 */
export function isChange(request: Request): boolean {
  const { opcode, pid } = request;
  if (pid === 0) return false;
  if (opcode === OPCODE.OPEN) return (readOpen(request).flags & O.TRUNC) !== 0;
  if (opcode === OPCODE.SETATTR) return (readSetattr(request).valid & FATTR.SIZE) !== 0;
  return changing[opcode] ?? false;
}
