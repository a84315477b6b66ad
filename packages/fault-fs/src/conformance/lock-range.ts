import { LITTLE_ENDIAN } from '@ordeal/linux';

/** Lock types and commands: include/uapi/asm-generic/fcntl.h. */
export const [READ, WRITE, UNLOCK] = [0, 1, 2];
export const [GETLK, SETLK, OFD_GETLK, OFD_SETLK, OFD_SETLKW] = [5, 6, 36, 37, 38];

/** struct flock of 64-bit machines: type, whence, start 8, len 16, pid 24. */
export function flock(type: number, start: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  view.setInt16(0, type, LITTLE_ENDIAN);
  view.setBigInt64(8, BigInt(start), LITTLE_ENDIAN);
  view.setBigInt64(16, BigInt(length), LITTLE_ENDIAN);
  return new Uint8Array(view.buffer);
}
