import { RENEWAL } from '../server/lease.js';
import { Pulse } from '../server/pulse.js';

/** @param late whether this process was stopped, or hung, before this beat */
export type BeatListener = (late: boolean) => void;

/**
 * The only clock of a keeper: one beat a second for everything that is looked at now and then, so that a process which holds
 * many volumes wakes once for all of them. Without listeners it rests.
 */
export class Heartbeat {
  readonly pulse = Pulse.create();
  readonly #listeners = new Set<BeatListener>();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** Calls it at each beat. @returns a function that stops that */
  on(listener: BeatListener): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      this.#last = performance.now();
      this.#timer = setInterval(() => this.#beat(), RENEWAL).unref();
      this.pulse.beat();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #beat(): void {
    const now = performance.now();
    const late = now - this.#last > 2 * RENEWAL;
    this.#last = now;
    this.pulse.beat();
    for (const listener of this.#listeners) listener(late);
  }
}
