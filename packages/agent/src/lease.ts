/**
 * Whether the API server has been heard of lately. An agent that cannot hear that faults should end must end them by
 * itself. Times are milliseconds of the monotonic clock.
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

  /** How often to ask the server for something, so that a single lost answer does not end the lease. */
  get heartbeatMs(): number {
    return this.#milliseconds / 4;
  }
}
