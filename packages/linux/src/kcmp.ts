import { ERRNO } from '@ordeal/diagnostics';
import { call5 } from './direct-call.js';

import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/** Kinds of kernel objects that kcmp(2) compares: include/uapi/linux/kcmp.h. */
export const KCMP = { file: 0, addressSpace: 1, fileTable: 2, fileSystemView: 3 } as const;

/**
 * The kernel's own order of two objects: -1, 0 (the same object) or 1. The order is total and stays as it is until
 * the machine restarts, so it can be sorted by. `undefined` where one of the two is gone.
 *
 * @param firstNumber and `secondNumber` are descriptors for {@link KCMP.file}, else unused
 * @throws SyscallError; ENOSYS without CONFIG_KCMP
 */
export function compareKernelObjects(
  kind: (typeof KCMP)[keyof typeof KCMP],
  first: number,
  second: number,
  firstNumber = 0,
  secondNumber = 0,
): -1 | 0 | 1 | undefined {
  const result = call5(SYS.kcmp, first, second, kind, firstNumber, secondNumber);
  if (result === 0) return 0;
  if (result === 1) return -1;
  if (result === 2 || result === 3) return 1;
  if (result === -ERRNO.ESRCH || result === -ERRNO.EBADF) return undefined;
  throw new SyscallError(`kcmp(${first}, ${second})`, -result);
}
