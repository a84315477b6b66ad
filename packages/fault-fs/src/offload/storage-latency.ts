/** Calls that take so many milliseconds or more are slow: longer than a fast disk needs. */
const SLOW = 0.2;
/** A fast disk, too, has slow moments. */
export const SLOW_IN_A_ROW = 4;
/** Milliseconds for which that is remembered. */
const REMEMBERED = 1000;

/**
 * How long the storage lets the serving thread wait. A call that takes long holds up all requests that come meanwhile: where
 * that is usual, calls are offloaded even if nobody waits yet.
 */
export class StorageLatency {
  #inARow = 0;
  #slowUntil = 0;

  /** Whether a call is likely to take long. */
  get slow(): boolean {
    return performance.now() < this.#slowUntil;
  }

  /** Makes a call that may wait for the storage. @returns its result */
  measure(call: () => number): number {
    const begun = performance.now();
    const result = call();
    this.note(begun, performance.now());
    return result;
  }

  /** A call has taken from `begun` to `ended`, on the clock of `performance.now()`. */
  note(begun: number, ended: number): void {
    this.#inARow = ended - begun >= SLOW ? this.#inARow + 1 : 0;
    if (this.#inARow >= SLOW_IN_A_ROW) this.#slowUntil = Math.max(this.#slowUntil, ended + REMEMBERED);
  }
}
