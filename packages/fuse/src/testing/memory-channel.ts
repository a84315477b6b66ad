import { ERRNO, LITTLE_ENDIAN } from '@ordeal/linux';
import type { Channel } from '../session/channel.js';
import type { MessageMemory } from '../wire/index.js';

/** What a session answered. */
export interface Answer {
  /** 0 or `-errno`. */
  readonly error: number;
  readonly unique: bigint;
  readonly body: Uint8Array;
}

/** A channel without a kernel: requests go in as bytes, answers come out. Refuses what the kernel would refuse. */
export class MemoryChannel implements Channel {
  readonly answers: Answer[] = [];
  readonly #requests: Uint8Array[] = [];

  put(request: Uint8Array): void {
    this.#requests.push(request);
  }

  receive(memory: MessageMemory, start: number): number {
    const next = this.#requests.shift();
    if (!next) return -ERRNO.EAGAIN;
    if (next.length > memory.bytes.length - start) return -ERRNO.EIO;
    memory.bytes.set(next, start);
    return next.length;
  }

  send(memory: MessageMemory, start: number, length: number): number {
    const bytes = memory.bytes.slice(start, start + length);
    const view = new DataView(bytes.buffer);
    if (length < 16 || view.getUint32(0, LITTLE_ENDIAN) !== length) return -ERRNO.EINVAL;
    const error = view.getInt32(4, LITTLE_ENDIAN);
    // fs/fuse/dev.c, fuse_dev_do_write(): errors from -511 to 0, and no body with an error.
    if (error <= -512 || error > 0 || (error !== 0 && length !== 16)) return -ERRNO.EINVAL;
    this.answers.push({ error, unique: view.getBigUint64(8, LITTLE_ENDIAN), body: bytes.subarray(16) });
    return length;
  }

  wait(): boolean {
    return false;
  }
}
