import { machine } from './machine.js';
import { detach, getRegisterSet, interrupt, resume, setRegisterSet, setSignalMask } from './ptrace.js';
import { SyscallError } from './syscall-error.js';
import { pollEvent, type TraceEvent } from './wait-status.js';

const SIGSTOP = 19;
const INTERVAL_MS = 5;
const waiting = new Map<number, OwnState | undefined>();
let timer: NodeJS.Timeout | undefined;
const settled: (() => void)[] = [];

/** The state to restore in a thread that was made to run a call. */
export interface OwnState {
  readonly registers: Uint8Array;
  readonly mask: bigint;
  /**
   * Whether the thread has restored its registers and mask by itself, judged by its current position. Default: it
   * never does.
   */
  readonly isHome?: ((programCounter: bigint) => boolean) | undefined;
}

/**
 * Restores the registers and the signal mask of a stopped thread, unless it has restored them itself: then it has
 * continued, and must not be reset to its old position.
 *
 * @throws SyscallError ESRCH if the thread is gone
 */
export function restore(tid: number, { registers, mask, isHome }: OwnState): void {
  if (isHome) {
    const now = new Uint8Array(machine.registerSetSize);
    getRegisterSet(tid, now);
    if (isHome(machine.programCounter(now))) return;
  }
  setSignalMask(tid, mask);
  setRegisterSet(tid, registers);
}

/**
 * Restores a thread's state at a stop that it reported. After a syscall-entry or syscall-exit stop the kernel would
 * not restart the call in which the thread was first stopped, so it is made to stop once more, on its way back to
 * user space.
 *
 * @returns whether its state is restored; `false`: it runs, and will report another stop
 * @throws SyscallError ESRCH if the thread is gone
 */
export function restoreAtStop(tid: number, own: OwnState, event: TraceEvent): boolean {
  if (event.kind === 'syscall') {
    interrupt(tid);
    resume(tid);
    return false;
  }
  restore(tid, own);
  return true;
}

/**
 * Releases a traced thread that does not stop (a running thread cannot be detached): it is polled from this thread's
 * event loop, and released as soon as it stops. This keeps the process alive only for a thread whose state must be
 * restored; when the tracing thread ends, the kernel releases the others.
 *
 * @param own the state to restore before it continues; it was asked to stop
 */
export function releaseWhenStopped(tid: number, own?: OwnState): void {
  waiting.set(tid, own);
  timer ??= setInterval(releaseStopped, INTERVAL_MS).unref();
  if (own) timer.ref();
}

/** Resolves when the registers and signal mask of every released thread are restored. */
export function allThreadsRestored(): Promise<void> {
  return new Promise((resolve) => {
    if (areUnrestored()) settled.push(resolve);
    else resolve();
  });
}

/** Whether a released thread has not stopped yet, and is traced here until it does. */
export function tracesThreads(): boolean {
  return waiting.size > 0;
}

function areUnrestored(): boolean {
  return [...waiting.values()].some((own) => own !== undefined);
}

function releaseStopped(): void {
  for (const [tid, own] of waiting) {
    const event = pollEvent(tid);
    if (event !== undefined && release(tid, own, event)) waiting.delete(tid);
  }
  if (areUnrestored()) return;
  for (const resolve of settled.splice(0)) resolve();
  timer?.unref();
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** @returns whether the thread is no longer traced here */
function release(tid: number, own: OwnState | undefined, event: TraceEvent): boolean {
  if (event.kind === 'gone') return true;
  try {
    if (own && !restoreAtStop(tid, own, event)) return false;
    // During the call all signals except SIGSTOP were blocked: any other one was caused by the call itself.
    const deliver = event.kind === 'signal' && (!own || event.signal === SIGSTOP);
    detach(tid, deliver ? event.signal : 0);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
  return true;
}
