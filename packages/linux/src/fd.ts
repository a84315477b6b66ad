import { trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** The stack that opened each descriptor of this process; only filled while leaks are traced. */
const openedAt = new Map<Fd, string>();
let tracing = false;

/** From now on records the stack that opened each {@link Fd}, for {@link leakedFds}. Tests switch it on. */
export function traceFds(): void {
  tracing = true;
}

/** The stacks of all descriptors that are still open. */
export function leakedFds(): string[] {
  return [...openedAt.entries()].map(([fd, stack]) => `${fd.what} (fd ${fd.number})\n${stack}`);
}

/**
 * A file descriptor with exactly one owner. The owner calls {@link Fd.close}; a second close does nothing. The kernel
 * object behind it (map, program, link) lives at most as long as the descriptor, so it dies with the process.
 */
export class Fd {
  /** What it refers to, for errors and leak reports. */
  readonly what: string;
  #number: number;

  /** Takes ownership of `number`. */
  constructor(number: number, what: string) {
    this.#number = number;
    this.what = what;
    if (tracing) openedAt.set(this, new Error(what).stack?.split('\n').slice(2).join('\n') ?? '');
  }

  /** The raw number; -1 once closed, so that a late use fails with EBADF instead of hitting another file. */
  get number(): number {
    return this.#number;
  }

  close(): void {
    if (this.#number < 0) return;
    trySyscall(SYS.close, this.#number);
    this.#number = -1;
    openedAt.delete(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
