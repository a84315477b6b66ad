import type { Random } from '../random.js';
import { type Bucket, type Distribution, gaussian, histogramValue, spreadBy } from './distribution.js';

/** How delays differ from each other. In milliseconds. */
export interface Spread {
  /** The farthest that a delay lies from its mean if `uniform`, else the standard deviation. */
  readonly jitter?: number | undefined;
  readonly distribution?: Distribution | undefined;
  /** In place of a mean and a jitter. */
  readonly histogram?: readonly Bucket[] | undefined;
  /** How much a delay is like the one before it, 0 to 1. Default 0. */
  readonly correlation?: number | undefined;
}

/** Pauses in which nothing is answered: at the beginning of every `every` milliseconds, `for` milliseconds long. */
export interface Stall {
  readonly for: number;
  readonly every: number;
}

export interface DelayTerms {
  /** The mean, without pauses. */
  readonly milliseconds: number;
  readonly spread?: Spread | undefined;
  readonly stall?: Stall | undefined;
}

/** Draws the delays of one rule. Each is spread as the rule says, whatever the correlation. */
export class Delay {
  readonly #terms: DelayTerms;
  /** Where the last delay lay, in standard deviations of the normal distribution. */
  #last: number | undefined;

  constructor(terms: DelayTerms) {
    this.#terms = terms;
  }

  /** Whether requests of this moment wait at all. @param since milliseconds since the faults began */
  applies(since: number): boolean {
    const { milliseconds, spread, stall } = this.#terms;
    return !stall || milliseconds > 0 || spread?.histogram !== undefined || pauseLeft(stall, since) > 0;
  }

  /** How long one request waits, in milliseconds. @param since milliseconds since the faults began */
  next(random: Random, since: number): number {
    const { stall } = this.#terms;
    return this.#draw(random) + (stall ? pauseLeft(stall, since) : 0);
  }

  #draw(random: Random): number {
    const { milliseconds, spread } = this.#terms;
    if (!spread) return milliseconds;
    const { jitter = 0, distribution = 'uniform', histogram, correlation = 0 } = spread;
    const fresh = gaussian(random);
    const { sqrt } = Math;
    const deviations =
      this.#last === undefined ? fresh : correlation * this.#last + sqrt(1 - correlation ** 2) * fresh;
    this.#last = deviations;
    if (histogram) return histogramValue(histogram, deviations);
    return Math.max(0, milliseconds + jitter * spreadBy(distribution, deviations));
  }
}

/** Milliseconds until the pause ends; 0 outside of one. */
function pauseLeft(stall: Stall, since: number): number {
  return Math.max(0, stall.for - (since % stall.every));
}
