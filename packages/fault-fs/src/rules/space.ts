/** What is left of a capacity. */
export class Space {
  #left: number;

  /** @param bytes at first */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** In bytes. */
  get left(): number {
    return this.#left;
  }

  /** @param bytes less than 0 where space becomes free */
  take(bytes: number): void {
    this.#left -= bytes;
  }
}
