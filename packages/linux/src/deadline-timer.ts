/** Node keeps delays in 31 bits of milliseconds (24.8 days); a longer one fires after 1 ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
/** Milliseconds between checks of the wall clock, which may be set while waiting. */
const WALL_CLOCK_LOOK = 60_000;

/**
 * Calls an action once, at a deadline however far away. Delays given by users must use this, never `setTimeout`
 * directly.
 */
export class DeadlineTimer {
  readonly #left: () => number;
  readonly #longest: number;
  readonly #action: () => void;
  #timeout: NodeJS.Timeout | undefined;
  #referenced = true;

  /** @param milliseconds from now, on the monotonic clock; infinity = never */
  static after(milliseconds: number, action: () => void): DeadlineTimer {
    const deadline = performance.now() + milliseconds;
    return new DeadlineTimer(() => deadline - performance.now(), LONGEST_TIMEOUT, action);
  }

  /** @param time of the wall clock; a change of the clock is noticed within a minute */
  static at(time: Date, action: () => void): DeadlineTimer {
    return new DeadlineTimer(() => time.getTime() - Date.now(), WALL_CLOCK_LOOK, action);
  }

  private constructor(left: () => number, longest: number, action: () => void) {
    this.#left = left;
    this.#longest = longest;
    this.#action = action;
    this.#arm(left());
  }

  /** Lets the process end while only this timer is pending. */
  unref(): this {
    this.#referenced = false;
    this.#timeout?.unref();
    return this;
  }

  /** The action is not called any more. A second call does nothing. */
  clear(): void {
    clearTimeout(this.#timeout);
  }

  #arm(left: number): void {
    this.#timeout = setTimeout(() => this.#look(), Math.min(Math.max(left, 0), this.#longest));
    if (!this.#referenced) this.#timeout.unref();
  }

  #look(): void {
    const left = this.#left();
    if (left > 0) this.#arm(left);
    else this.#action();
  }
}
