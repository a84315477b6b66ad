/** Milliseconds: a timer may fire that much before its time. */
const EARLY = 5;

/** Milliseconds of CLOCK_MONOTONIC, which is the same in all processes. */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * Milliseconds until the next whole multiple of `period` on the monotonic clock. What is done in such steps falls together, and
 * wakes a process, or several that talk to each other, once for all of it.
 *
 * @param now for tests
 */
export function untilNext(period: number, now = monotonic()): number {
  const left = period - (now % period);
  return left < EARLY ? left + period : left;
}

/** Calls `action` at each of these times. It does not keep the process from ending. @returns a function that stops it */
export function alignedInterval(period: number, action: () => void): () => void {
  let timer: NodeJS.Timeout;
  const plan = () => {
    timer = setTimeout(() => {
      plan();
      action();
    }, untilNext(period)).unref();
  };
  plan();
  return () => clearTimeout(timer);
}
