import { DeadlineTimer } from '@ordeal/linux';

/** Waits, for a time of any length or until the signal. It does not keep the process alive. */
export function pause(nanoseconds: bigint, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = DeadlineTimer.after(Number(nanoseconds / 1_000_000n), resolve).unref();
    const stop = () => {
      timer.clear();
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
