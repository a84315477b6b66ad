import { RENEWAL } from '../server/lease.js';
import { Pulse } from '../server/pulse.js';

/**
 * Milliseconds between two looks whether it must beat by itself, because nobody has woken its process. A timer that each beat put off
 * would wake the process as often as the beats.
 */
const ALONE = 2 * RENEWAL;
/** Milliseconds after which a beat is late. Before that, no lease of an owner that renews it expires. */
const LATE = 3 * RENEWAL;

/** @param late whether this process was stopped, or hung, before this beat */
export type BeatListener = (late: boolean) => void;

/**
 * The only clock of a keeper: about one beat a second for everything that is looked at now and then, so that a process which holds
 * many volumes wakes once for all of them, and not even then if its owner has just renewed their lease. Without listeners it
 * rests.
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
      this.#timer = setInterval(() => this.awake(), ALONE).unref();
      this.pulse.beat();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** This process is awake, and somebody may wake it in a second: if the last beat was a while ago, it beats now. */
  awake(): void {
    if (!this.#timer || performance.now() - this.#last < RENEWAL / 2) return;
    this.#beat();
  }

  #beat(): void {
    const now = performance.now();
    const late = now - this.#last > LATE;
    this.#last = now;
    this.pulse.beat();
    for (const listener of this.#listeners) listener(late);
  }
}
