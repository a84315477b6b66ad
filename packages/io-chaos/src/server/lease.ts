/** Milliseconds after which faults are off unless the lease is renewed. */
export const LEASE = 5_000;
/** Milliseconds between two renewals. */
export const RENEWAL = 1_000;

export interface LeaseListener {
  readonly expired: () => void;
  /** It was renewed this many milliseconds after it had expired. */
  readonly renewed: (milliseconds: number) => void;
}

/**
 * Faults are active only while their owner renews the lease with the keeper, and the keeper that with the server. If one of them
 * is stopped or hangs, the lease expires until it is renewed. It has no timer: a server looks before each fault. Times are those
 * of `performance.now()`.
 */
export class Lease {
  readonly #milliseconds: number;
  readonly #listener: LeaseListener;
  #until: number | undefined;
  #expiredAt: number | undefined;

  constructor(milliseconds: number, listener: LeaseListener) {
    this.#milliseconds = milliseconds;
    this.#listener = listener;
  }

  /** When it expires next; infinity where it has expired, or does not run. */
  get due(): number {
    return this.#expiredAt === undefined
      ? (this.#until ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  }

  begin(now = performance.now()): void {
    this.#until = now + this.#milliseconds;
  }

  /** Does nothing before {@link begin}. */
  renew(now = performance.now()): void {
    if (this.#until === undefined) return;
    this.begin(now);
    if (this.#expiredAt === undefined) return;
    const milliseconds = now - this.#expiredAt;
    this.#expiredAt = undefined;
    this.#listener.renewed(milliseconds);
  }

  /** Expires it if it is time. */
  look(now = performance.now()): void {
    if (now < this.due) return;
    this.#expiredAt = this.due;
    this.#listener.expired();
  }
}
