import type { Request } from '@ordeal/fuse';
import { LITTLE_ENDIAN } from '@ordeal/linux';
import { KeptRecord, readKeptRecord } from './kept-record.js';
import { reached } from './steps.js';

const NAME = 'ordeal-change';
/** Two 32-bit numbers, thread and length of the name, and the name. */
const HEADER = 8;
/** NAME_MAX, include/uapi/linux/limits.h. */
const LONGEST_NAME = 255;

/** A name that a server made, removed or changed, and whose caller has no answer yet. */
export interface ChangeRecord {
  /** The thread that asked for it. */
  readonly tid: number;
  /** In raw bytes; where there are two, that of the first in the request. */
  readonly name: Uint8Array;
}

/**
 * Notes what cannot be done twice with the same result (mkdir, unlink, rename …) when it is done, until it is answered. One
 * at a time is enough, since the serving thread carries out and answers one after the other.
 */
export class ChangeRecorder {
  readonly #record = new KeptRecord(NAME, HEADER + LONGEST_NAME);
  #unanswered = false;

  /** @param nameAt where in the request the name stands, of `length` bytes */
  done(request: Request, nameAt: number, length: number): void {
    const { view } = this.#record;
    const name = request.bytes(nameAt, Math.min(length, LONGEST_NAME));
    view.setUint32(0, request.pid, LITTLE_ENDIAN);
    view.setUint32(4, name.length, LITTLE_ENDIAN);
    new Uint8Array(view.buffer, view.byteOffset + HEADER).set(name);
    this.#record.write(HEADER + name.length);
    this.#unanswered = true;
    reached('changed');
  }

  /** The kernel has the answer to the request that came last. */
  answered(): void {
    if (!this.#unanswered) return;
    this.#unanswered = false;
    this.#record.view.setUint32(0, 0, LITTLE_ENDIAN);
    this.#record.write(4);
  }

  close(): void {
    this.#record.close();
  }
}

/** What a dead server had done and not answered. @param pid who keeps its descriptors */
export function readChangeRecord(pid: number): ChangeRecord | undefined {
  const view = readKeptRecord(pid, NAME, HEADER + LONGEST_NAME);
  if (!view) return undefined;
  const [tid, length] = [view.getUint32(0, LITTLE_ENDIAN), view.getUint32(4, LITTLE_ENDIAN)];
  if (tid === 0) return undefined;
  return { tid, name: new Uint8Array(view.buffer, HEADER, Math.min(length, LONGEST_NAME)) };
}
