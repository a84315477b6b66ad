import { constants } from 'node:os';
import { syscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

const WNOHANG = 1;
const status = new Uint8Array(4);
const statusWord = new Int32Array(status.buffer);

/** How a process ended: by itself with a code, or by a signal. */
export type ProcessExit = { readonly code: number } | { readonly signal: string };

/**
 * How a child ended, which is then gone; undefined while it runs. For children that Node does not know.
 *
 * @throws SyscallError
 */
export function childExit(pid: number): ProcessExit | undefined {
  if (syscall(`wait4(${pid})`, SYS.wait4, pid, status, WNOHANG, 0) === 0) return undefined;
  return exitOf(statusWord[0] ?? 0);
}

/** Decodes the status word of wait4(2) for a process that has ended. */
export function exitOf(word: number): ProcessExit {
  const number = word & 0x7f;
  if (number === 0) return { code: (word >>> 8) & 0xff };
  const [signal = `signal ${number}`] =
    Object.entries(constants.signals).find(([, each]) => each === number) ?? [];
  return { signal };
}
