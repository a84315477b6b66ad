import type { Snapshot } from '../shown-run.js';
import type { Host } from './host.js';

/** Milliseconds between looks at the runs. */
const LOOK = 1000;

/** Tells any number of pages how the runs are. Nobody looks at them while no page is open. */
export class LiveRuns {
  readonly #host: Host;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #last: Snapshot | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Tells the runs now and about each second. @returns a function that ends it */
  follow(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    if (this.#last) listener(this.#last);
    void this.look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#last = undefined;
    };
  }

  /** Looks at once. Two looks are never under way. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      clearTimeout(this.#timer);
      if (this.#listeners.size > 0) this.#timer = setTimeout(() => void this.look(), LOOK);
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    let snapshot: Snapshot;
    try {
      snapshot = { runs: await this.#host.runs(), error: '' };
    } catch (error) {
      snapshot = { runs: this.#last?.runs ?? [], error: this.#host.errorText(error) };
    }
    this.#last = snapshot;
    for (const listener of this.#listeners) listener(snapshot);
  }
}
