import { LITTLE_ENDIAN } from './bytes.js';
import { Fd } from './fd.js';
import { syscall, trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/eventpoll.h
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
/** struct epoll_event: events, and data which nobody reads; 12 bytes where it is packed, as on x86-64. */
const EVENT = 16;
/** Events that are waited for; bits. An end of the other side always is. */
export const EPOLLIN = 1;
export const EPOLLOUT = 4;

/** A descriptor that is readable while one of other descriptors is ready (man 7 epoll). */
export class Epoll {
  readonly fd: Fd;
  readonly #added = new Set<number>();

  /** @throws SyscallError */
  constructor() {
    this.fd = new Fd(syscall('epoll_create1', SYS.epoll_create1, EPOLL_CLOEXEC), 'epoll');
  }

  /** Waits for these events of a descriptor, which stays the caller's, and not for others. @throws SyscallError */
  watch(number: number, events: number): void {
    this.#control(this.#added.has(number) ? EPOLL_CTL.MOD : EPOLL_CTL.ADD, number, events);
    this.#added.add(number);
  }

  /** Does nothing for a descriptor that it does not wait for. @throws SyscallError */
  forget(number: number): void {
    if (this.#added.delete(number)) this.#control(EPOLL_CTL.DEL, number, 0);
  }

  /** Waits until one is ready, by default without end. @returns whether one is */
  wait(milliseconds = -1): boolean {
    return trySyscall(SYS.epoll_pwait, this.fd.number, new Uint8Array(EVENT), 1, milliseconds, 0, 0) === 1;
  }

  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #control(operation: number, number: number, events: number): void {
    const event = new Uint8Array(EVENT);
    new DataView(event.buffer).setUint32(0, events, LITTLE_ENDIAN);
    syscall('epoll_ctl', SYS.epoll_ctl, this.fd.number, operation, number, event);
  }
}
