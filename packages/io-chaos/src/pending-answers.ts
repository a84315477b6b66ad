import { DeadlineTimer } from '@ordeal/linux';

/** Requests to another process that it has not answered yet. Each has a number, so that several can be pending. */
export class PendingAnswers<Answer> {
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #last = 0;
  #over = false;

  /**
   * Sends a request and waits.
   *
   * @param send is called at once, with the number for the answer
   * @param milliseconds how long to wait at most
   * @returns the answer; undefined on timeout or if the other process has ended
   */
  ask(send: (id: number) => void, milliseconds: number): Promise<Answer | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    const id = ++this.#last;
    return new Promise((resolve) => {
      const limit = DeadlineTimer.after(milliseconds, () => this.#settle(id, undefined));
      this.#waiting.set(id, (answer) => {
        limit.clear();
        resolve(answer);
      });
      send(id);
    });
  }

  /** Delivers an answer. One that comes too late is dropped. */
  answer(id: number, answer: Answer): void {
    this.#settle(id, answer);
  }

  /** No more answers: pending and later requests are rejected. */
  end(): void {
    this.#over = true;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined);
  }

  #settle(id: number, answer: Answer | undefined): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(answer);
  }
}
