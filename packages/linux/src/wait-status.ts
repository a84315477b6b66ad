import { ERRNO } from '@ordeal/diagnostics';
import { call1 } from './direct-call.js';
import { pause } from './pause.js';
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

/** Milliseconds of polling before the waiting thread sleeps between polls: about as long as a stop takes. */
const SPIN_MS = 0.02;
/** The shortest sleep and the longest one, milliseconds. */
const SHORTEST_SLEEP_MS = 0.01;
const LONGEST_SLEEP_MS = 0.5;
/** The share of the time waited so far that is slept before the next poll: so much later at most is an answer seen. */
const SLEEP_SHARE = 0.25;
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
 * Asks `question` until it has an answer, or until `deadline` (of `performance.now()`) passes: without a pause at first, because
 * a stop takes microseconds, then with ever longer ones. Who is waited for, or a server that they wait for, may need this very
 * CPU, so it is offered from the start. Never sleeps longer than {@link LONGEST_SLEEP_MS} in the kernel.
 */
export function pollUntil<Answer>(deadline: number, question: () => Answer | undefined): Answer | undefined {
  const begun = performance.now();
  for (;;) {
    const answer = question();
    if (answer !== undefined) return answer;
    const now = performance.now();
    if (now >= deadline) return undefined;
    const waited = now - begun;
    if (waited < SPIN_MS) call1(SYS.sched_yield, 0);
    else pause(Math.min(Math.max(waited * SLEEP_SHARE, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS));
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
