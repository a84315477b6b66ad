/** What a disk does at most. */
export interface Limit {
  /** Of reads and writes, as many as they ask for. */
  readonly bytesPerSecond?: number | undefined;
  readonly operationsPerSecond?: number | undefined;
}

/**
 * How long requests wait so that no more than a limit is done: a token bucket that holds one request. Each occupies the
 * disk for as long as an operation or its bytes take, whichever is longer. In milliseconds, on one clock.
 */
export class Throughput {
  readonly #perByte: number;
  readonly #perOperation: number;
  #freeAt = 0;

  constructor({ bytesPerSecond, operationsPerSecond }: Limit) {
    this.#perByte = bytesPerSecond === undefined ? 0 : 1000 / bytesPerSecond;
    this.#perOperation = operationsPerSecond === undefined ? 0 : 1000 / operationsPerSecond;
  }

  /** One more request. @returns how long it waits for those before it */
  take(now: number, bytes: number): number {
    const begin = Math.max(now, this.#freeAt);
    this.#freeAt = begin + Math.max(this.#perOperation, bytes * this.#perByte);
    return begin - now;
  }
}
