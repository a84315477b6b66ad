import { readFileSync } from 'node:fs';
import { LITTLE_ENDIAN } from './bytes.js';

/** include/uapi/linux/auxvec.h */
const AT_PAGESZ = 6n;

/** Bytes of a page of memory on this machine, from the auxiliary vector. */
export function pageSize(): number {
  const bytes = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const read = (offset: number) =>
      LITTLE_ENDIAN ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset);
    if (read(at) === AT_PAGESZ) return Number(read(at + 8));
  }
  return 4096;
}
