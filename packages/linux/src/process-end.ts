import { LITTLE_ENDIAN } from './bytes.js';
import { openPidfd } from './pidfd.js';
import { trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** include/uapi/asm-generic/poll.h */
const POLLIN = 1;
/** struct timespec: do not wait. */
const NOW = new Uint8Array(16);

/** Tells whether a process has ended, at the cost of one system call. The caller closes it. */
export class ProcessEnd {
  readonly #pidfd;
  /** struct pollfd: fd 0, events 4, revents 6. */
  readonly #poll = new Uint8Array(8);

  /** @throws SyscallError if there is no such process */
  constructor(pid: number) {
    this.#pidfd = openPidfd(pid);
    const view = new DataView(this.#poll.buffer);
    view.setInt32(0, this.#pidfd.number, LITTLE_ENDIAN);
    view.setInt16(4, POLLIN, LITTLE_ENDIAN);
  }

  /** Whether all its threads have ended; its parent need not know. */
  get reached(): boolean {
    return trySyscall(SYS.ppoll, this.#poll, 1, NOW, 0, 0) === 1;
  }

  close(): void {
    this.#pidfd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
