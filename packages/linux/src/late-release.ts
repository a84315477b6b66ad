import { detach } from './ptrace.js';
import { SyscallError } from './syscall-error.js';
import { pollEvent } from './wait-status.js';

const INTERVAL_MS = 5;
const waiting = new Set<number>();
let timer: NodeJS.Timeout | undefined;

/**
 * Lets go of a traced thread that does not stop (a running thread cannot be detached): it is asked again and again
 * from this thread's event loop, and released the moment it stops. The timer does not keep the program alive; when
 * the tracing thread ends, the kernel releases the rest.
 */
export function releaseWhenStopped(tid: number): void {
  waiting.add(tid);
  timer ??= setInterval(releaseStopped, INTERVAL_MS).unref();
}

function releaseStopped(): void {
  for (const tid of waiting) {
    const event = pollEvent(tid);
    if (event === undefined) continue;
    waiting.delete(tid);
    if (event.kind === 'gone') continue;
    try {
      detach(tid, event.kind === 'signal' ? event.signal : 0);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
    }
  }
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
