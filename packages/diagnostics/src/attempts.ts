/**
 * Steps that must all be tried, even if one fails, such as closing and lifting. The failures are reported
 * when everything has been tried.
 */
export class Attempts {
  readonly #failures: unknown[] = [];

  /** Runs a step now. @returns its result, or `undefined` if it threw */
  run<Result>(step: () => Result): Result | undefined {
    try {
      return step();
    } catch (error) {
      this.add(error);
      return undefined;
    }
  }

  /** A failure that happened elsewhere. */
  add(error: unknown): void {
    this.#failures.push(error);
  }

  /** Throws the failure since the last call; several are one AggregateError. Does nothing if there was none. */
  report(): void {
    const failures = this.#failures.splice(0);
    if (failures.length === 0) return;
    if (failures.length === 1) throw failures[0];
    const messages = failures.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new AggregateError(failures, messages.join('; '));
  }
}
