import { ERRNO } from '@ordeal/diagnostics';
import { Fd } from './fd.js';
import { syscall, trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/** The descriptor is for one thread, not for its process: include/uapi/linux/pidfd.h (O_EXCL), Linux 6.9. */
const PIDFD_THREAD = 0o200;

/** A descriptor of a process (Linux 5.3). The caller closes it. @throws SyscallError */
export function openPidfd(pid: number): Fd {
  return new Fd(syscall(`pidfd_open(${pid})`, SYS.pidfd_open, pid, 0), `process ${pid}`);
}

/** A descriptor of one thread (Linux 6.9; EINVAL before). The caller closes it. @throws SyscallError */
export function openThreadPidfd(tid: number): Fd {
  return new Fd(syscall(`pidfd_open(${tid}, THREAD)`, SYS.pidfd_open, tid, PIDFD_THREAD), `thread ${tid}`);
}

/**
 * A descriptor here for the same open file description as `number` there (Linux 5.6), O_PATH ones too; close-on-exec
 * is set. `undefined` if that descriptor or process is gone. The caller closes it.
 *
 * @throws SyscallError
 */
export function pullDescriptor(pidfd: Fd, number: number): Fd | undefined {
  const result = trySyscall(SYS.pidfd_getfd, pidfd.number, number, 0);
  if (result === -ERRNO.EBADF || result === -ERRNO.ESRCH) return undefined;
  if (result < 0) throw new SyscallError(`pidfd_getfd(${pidfd.what}, ${number})`, -result);
  return new Fd(result, `descriptor ${number} of ${pidfd.what}`);
}
