import { call1, SYS } from '@ordeal/linux';
import type { OpenFile } from '../open-files.js';
import { LockRanges } from './lock-ranges.js';

/**
 * An owner of fcntl(2) locks on one node: a process, or an open file description (OFD). A descriptor of its own
 * carries the locks as OFD locks on the backing file, so that they also count for those who use the original tree.
 */
export class LockOwner {
  readonly ranges = new LockRanges();
  /** The open file through which the last lock was taken: an OFD's locks end when that is closed. */
  file: OpenFile;
  #fd: number;

  constructor(fd: number, file: OpenFile) {
    this.#fd = fd;
    this.file = file;
  }

  get fd(): number {
    return this.#fd;
  }

  /** Ends all locks. */
  close(): void {
    if (this.#fd < 0) return;
    call1(SYS.close, this.#fd);
    this.#fd = -1;
  }
}
