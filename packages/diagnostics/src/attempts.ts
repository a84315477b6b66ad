/**
 * Steps that must all be taken, even where one of them fails: closing, lifting, letting go. The failures are reported
 * when everything has been tried.
 */
export class Attempts {
  readonly #failures: unknown[] = [];

  /** Takes a step now. @returns what it returned, or `undefined` where it threw */
  run<Result>(step: () => Result): Result | undefined {
    try {
      return step();
    } catch (error) {
      this.add(error);
      return undefined;
    }
  }

  /** A failure that was met elsewhere. */
  add(error: unknown): void {
    this.#failures.push(error);
  }

  /** Throws the failure since the last call; several are one AggregateError. Does nothing where there was none. */
  report(): void {
    const failures = this.#failures.splice(0);
    if (failures.length === 0) return;
    if (failures.length === 1) throw failures[0];
    const messages = failures.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new AggregateError(failures, messages.join('; '));
  }
}
