import { Fd } from './fd.js';
import { syscall, trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

// EFD_CLOEXEC and EFD_NONBLOCK equal O_CLOEXEC and O_NONBLOCK: include/uapi/asm-generic/fcntl.h
const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;

/** A counter that any thread of the process can raise to wake another thread from poll (man 2 eventfd). */
export class EventFd {
  readonly fd: Fd;

  /** @throws SyscallError */
  constructor() {
    this.fd = new Fd(syscall('eventfd2', SYS.eventfd2, 0, EFD_CLOEXEC_NONBLOCK), 'eventfd');
  }

  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Raises the counter of `fd`; any thread that shares the descriptor table may call this. */
export function raiseEvent(fd: number): void {
  const one = new Uint8Array(8);
  one[0] = 1;
  trySyscall(SYS.write, fd, one, one.length);
}

/** Resets the counter to zero; does nothing if it is zero already. */
export function drainEvent(fd: number): void {
  trySyscall(SYS.read, fd, new Uint8Array(8), 8);
}
