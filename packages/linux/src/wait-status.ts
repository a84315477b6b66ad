import { ERRNO } from '@ordeal/diagnostics';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/** What a traced thread reports. Layout of the status word: man 2 wait, man 2 ptrace. */
export type TraceEvent =
  /** PTRACE_EVENT_STOP: by INTERRUPT, or a job-control stop (`signal` is then SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU). */
  | { readonly kind: 'event-stop'; readonly signal: number }
  /** About to receive `signal`. */
  | { readonly kind: 'signal'; readonly signal: number }
  /** At the beginning or end of a system call. */
  | { readonly kind: 'syscall' }
  /** Gone: ended, killed, or no longer traced by this thread. */
  | { readonly kind: 'gone' };

const WNOHANG = 1;
/** Threads as well as processes: include/uapi/linux/wait.h. */
const __WALL = 0x40000000;
const SIGTRAP = 5;
const PTRACE_EVENT_STOP = 128;

/** Polls before the waiting thread begins to sleep between polls. */
const SPINS = 400;
const SLEEP_MS = 0.05;
const sleepCell = new Int32Array(new SharedArrayBuffer(4));
const status = new Uint8Array(4);
const statusWord = new Int32Array(status.buffer);

/**
 * The event that a traced thread reports, or `undefined` if there is none yet. Never waits.
 *
 * @throws SyscallError for any error except that the thread is gone
 */
export function pollEvent(tid: number): TraceEvent | undefined {
  const result = trySyscall(SYS.wait4, tid, status, WNOHANG | __WALL, 0);
  if (result === tid) return decodeStatus(statusWord[0] ?? 0);
  if (result === -ERRNO.ECHILD) return { kind: 'gone' };
  if (result < 0 && result !== -ERRNO.EINTR) throw new SyscallError(`wait4(${tid})`, -result);
  return undefined;
}

/**
 * Asks `question` until it has an answer, or until `deadline` (of `performance.now()`) passes: without a pause at
 * first, because a stop takes microseconds, then every 50 us. It never waits inside the kernel.
 */
export function pollUntil<Answer>(deadline: number, question: () => Answer | undefined): Answer | undefined {
  for (let spins = 0; ; spins++) {
    const answer = question();
    if (answer !== undefined) return answer;
    if (spins < SPINS) continue;
    if (performance.now() >= deadline) return undefined;
    Atomics.wait(sleepCell, 0, 0, SLEEP_MS);
  }
}

/** Decodes the status word of wait4(2) for a traced thread. */
export function decodeStatus(word: number): TraceEvent {
  if ((word & 0xff) !== 0x7f) return { kind: 'gone' };
  const signal = (word >>> 8) & 0xff;
  if (word >>> 16 === PTRACE_EVENT_STOP) return { kind: 'event-stop', signal };
  if (signal === (SIGTRAP | 0x80)) return { kind: 'syscall' };
  return { kind: 'signal', signal };
}
