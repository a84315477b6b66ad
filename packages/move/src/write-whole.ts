import { writeSync } from 'node:fs';

/** Writes all bytes. After a short write, writing the rest reports the error. @throws an error of node:fs */
export function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw new Error(`nothing more is written at byte ${position + done}`);
    done += written;
  }
}
