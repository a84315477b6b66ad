/** The progress of a sweep. */
export interface Standing {
  /** The number of the last run. */
  readonly done: number;
  /** Runs since this sweep began: a resumed one has done fewer. */
  readonly now: number;
  /** Requests that matched without a fault. */
  readonly matches: number;
  readonly settle: number;
  /** The last number that may be run. */
  readonly last: number;
  /** Since the first run of this sweep. */
  readonly elapsedMs: number;
}

/**
 * How many runs there will be, and how long the rest takes at the pace so far. A program that handles faults makes
 * other requests than one without faults, so more runs than estimated are possible: the estimate then grows.
 */
export function estimateRest(standing: Standing): { readonly estimate: number; readonly etaMs: number } {
  const { done, now, matches, settle, last, elapsedMs } = standing;
  const estimate = Math.min(last, Math.max(matches + settle, done + 1));
  const pace = now === 0 ? 0 : elapsedMs / now;
  return { estimate, etaMs: Math.round(Math.max(0, estimate - done) * pace) };
}
