import { DeadlineTimer } from '@ordeal/linux';

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
 * Faults are active only while their owner renews the lease. If the owner is stopped or hangs, the lease expires
 * until it is renewed.
 */
export class Lease {
  readonly #milliseconds: number;
  readonly #listener: LeaseListener;
  #timer: DeadlineTimer | undefined;
  #expiredAt: number | undefined;

  constructor(milliseconds: number, listener: LeaseListener) {
    this.#milliseconds = milliseconds;
    this.#listener = listener;
  }

  begin(): void {
    this.#timer?.clear();
    this.#timer = DeadlineTimer.after(this.#milliseconds, () => {
      this.#expiredAt = performance.now();
      this.#listener.expired();
    }).unref();
  }

  /** Does nothing before {@link begin} and after {@link end}. */
  renew(): void {
    if (!this.#timer) return;
    this.begin();
    if (this.#expiredAt === undefined) return;
    const milliseconds = performance.now() - this.#expiredAt;
    this.#expiredAt = undefined;
    this.#listener.renewed(milliseconds);
  }

  end(): void {
    this.#timer?.clear();
    this.#timer = undefined;
    this.#expiredAt = undefined;
  }
}
