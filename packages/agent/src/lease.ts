/**
 * Whether the API server has answered recently. An agent that is cut off would not learn that faults should end, so it
 * must end them itself. Times are milliseconds of the monotonic clock.
 */
export class Lease {
  readonly #milliseconds: number;
  readonly #now: () => number;
  #renewed: number;

  constructor(milliseconds: number, now: () => number = () => performance.now()) {
    this.#milliseconds = milliseconds;
    this.#now = now;
    this.#renewed = now();
  }

  /** The server has answered. */
  renew(): void {
    this.#renewed = this.#now();
  }

  get isOver(): boolean {
    return this.#now() - this.#renewed >= this.#milliseconds;
  }

  /** The interval of requests, so that a single lost answer does not end the lease. */
  get heartbeatMs(): number {
    return this.#milliseconds / 4;
  }
}
