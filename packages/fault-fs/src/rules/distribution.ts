import type { Random } from '../random.js';

/** Shape of the Pareto distribution: the smallest whole number with a variance. */
const SHAPE = 3;
const PARETO_MEAN = SHAPE / (SHAPE - 1);
const PARETO_DEVIATION = Math.sqrt(SHAPE / (SHAPE - 2)) / (SHAPE - 1);
/** So rare are the longest delays. */
const RAREST = 1e-7;

/** A normally distributed number with mean 0 and deviation 1: Box and Muller's method. */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How often a normally distributed number is greater than this: Abramowitz and Stegun, 26.2.17, to 7.5e-8. */
export function upperTail(deviations: number): number {
  if (deviations < 0) return 1 - upperTail(-deviations);
  const t = 1 / (1 + 0.2316419 * deviations);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-deviations * deviations) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** How numbers are spread around 0. */
export type Distribution = 'uniform' | 'normal' | 'pareto';

/**
 * The number of a distribution at the place where `deviations` lies in the normal one. Pure.
 *
 * @returns with mean 0: -1 to 1 for `uniform`, else with standard deviation 1
 */
export function spreadBy(distribution: Distribution, deviations: number): number {
  switch (distribution) {
    case 'normal':
      return deviations;
    case 'uniform':
      return 1 - 2 * upperTail(deviations);
    case 'pareto':
      return (Math.max(upperTail(deviations), RAREST) ** (-1 / SHAPE) - PARETO_MEAN) / PARETO_DEVIATION;
  }
}

/** Part of a histogram: values up to `upTo`, from that of the part before or 0. */
export interface Bucket {
  readonly upTo: number;
  readonly weight: number;
}

/** The value of a histogram at the place where `deviations` lies in the normal distribution. Pure. */
export function histogramValue(buckets: readonly Bucket[], deviations: number): number {
  const sum = buckets.reduce((total, { weight }) => total + weight, 0);
  let left = (1 - upperTail(deviations)) * sum;
  let from = 0;
  for (const { upTo, weight } of buckets) {
    if (left < weight) return from + (upTo - from) * Math.max(0, left / weight);
    left -= weight;
    from = upTo;
  }
  return from;
}
