import { machine } from './machine.js';
import { detach, getRegisterSet, interrupt, resume, setRegisterSet, setSignalMask } from './ptrace.js';
import { SyscallError } from './syscall-error.js';
import { pollEvent, type TraceEvent } from './wait-status.js';

const SIGSTOP = 19;
const INTERVAL_MS = 5;
const waiting = new Map<number, OwnState | undefined>();
let timer: NodeJS.Timeout | undefined;
const settled: (() => void)[] = [];

/** What a thread that was made to run a call has to get back. */
export interface OwnState {
  readonly registers: Uint8Array;
  readonly mask: bigint;
  /**
   * Whether the thread has taken its registers and mask back by itself, told by where it is now. Default: it never
   * does.
   */
  readonly isHome?: ((programCounter: bigint) => boolean) | undefined;
}

/**
 * Puts the registers and the signal mask of a stopped thread back, unless it has them already: then it has gone on, and must
 * not be thrown back to where it was.
 *
 * @throws SyscallError ESRCH where the thread is gone
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
 * Puts a thread's own state back at a stop that it reported. After a stop at a system call's beginning or end the kernel
 * would not restart the call in which the thread was first stopped: it is made to stop once more, on its way back to
 * user space.
 *
 * @returns whether it has its state back; `false`: it runs, and will report another stop
 * @throws SyscallError ESRCH where the thread is gone
 */
export function giveBack(tid: number, own: OwnState, event: TraceEvent): boolean {
  if (event.kind === 'syscall') {
    interrupt(tid);
    resume(tid);
    return false;
  }
  restore(tid, own);
  return true;
}

/**
 * Releases a traced thread that does not stop (a running thread cannot be detached): it is asked again and again
 * from this thread's event loop, and released the moment it stops. That keeps the program alive only for a thread that
 * has something to get back; when the tracing thread ends, the kernel releases the rest.
 *
 * @param own what the thread gets back before it goes on; it was asked to stop
 */
export function releaseWhenStopped(tid: number, own?: OwnState): void {
  waiting.set(tid, own);
  timer ??= setInterval(releaseStopped, INTERVAL_MS).unref();
  if (own) timer.ref();
}

/** Resolves when every released thread has its own registers and signal mask back. */
export function allGivenBack(): Promise<void> {
  return new Promise((resolve) => {
    if (areOwing()) settled.push(resolve);
    else resolve();
  });
}

function areOwing(): boolean {
  return [...waiting.values()].some((own) => own !== undefined);
}

function releaseStopped(): void {
  for (const [tid, own] of waiting) {
    const event = pollEvent(tid);
    if (event !== undefined && release(tid, own, event)) waiting.delete(tid);
  }
  if (areOwing()) return;
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
    if (own && !giveBack(tid, own, event)) return false;
    // While a call was made for it all signals were blocked but SIGSTOP: another one is the call's own fault.
    const deliver = event.kind === 'signal' && (!own || event.signal === SIGSTOP);
    detach(tid, deliver ? event.signal : 0);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
  return true;
}
