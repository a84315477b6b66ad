import { closeSync, constants, openSync, readSync } from 'node:fs';
import { ERRNO } from '@ordeal/diagnostics';
import { trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** `SEEK_END`: behind the last record (Documentation/ABI/testing/dev-kmsg). */
const SEEK_END = 2;
/** The longest record that the kernel returns. */
const RECORD_SIZE = 8192;

/**
 * Reads the kernel's messages from now on. The owner closes it.
 */
export class KernelLog {
  #fd: number;
  readonly #buffer = Buffer.alloc(RECORD_SIZE);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens `/dev/kmsg` after its last record; undefined if it may not be read on this host. */
  static open(): KernelLog | undefined {
    let fd: number;
    try {
      fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
    trySyscall(SYS.lseek, fd, 0, SEEK_END);
    return new KernelLog(fd);
  }

  /** The messages since the last call, without their prefix and continuation lines. Never waits. */
  read(): string[] {
    const lines: string[] = [];
    while (this.#fd >= 0) {
      let length: number;
      try {
        length = readSync(this.#fd, this.#buffer);
      } catch (error) {
        // EPIPE: records were overwritten before we read them; the next read continues after the gap.
        if ((error as NodeJS.ErrnoException).errno === -ERRNO.EPIPE) continue;
        return lines;
      }
      if (length === 0) return lines;
      const record = this.#buffer.toString('utf8', 0, length);
      // `priority,sequence,time,flags;message\n key=value…`
      lines.push(record.slice(record.indexOf(';') + 1).split('\n', 1)[0] ?? '');
    }
    return lines;
  }

  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}
