/** Delays that double from `firstMs` up to `longestMs`. */
export interface BackOffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait before the next attempt, in milliseconds: doubled after each failure, and shortened by up to a half
 * at random, so that clients that failed together do not retry together.
 *
 * @param failures in a row, at least 1
 * @param random uniform in [0, 1)
 */
export function backOff(
  failures: number,
  { firstMs, longestMs }: BackOffLimits,
  random: () => number = Math.random,
): number {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return whole * (1 - random() / 2);
}
