import { randomInt } from 'node:crypto';
import type { IOChaosSpec } from '@ordeal/experiment';

/** The document with a seed, drawn if it needs one and has none: a run that reports its seed can be repeated. */
export function withSeed(spec: IOChaosSpec): IOChaosSpec {
  const byChance = spec.action === 'mistake' || (spec.percent > 0 && spec.percent < 100);
  return spec.seed !== undefined || !byChance ? spec : { ...spec, seed: randomInt(2 ** 31) };
}

/**
 * Which match got the fault, from the document alone; undefined if there was not exactly one, or it was chosen at random. Pure.
 *
 * @param fired faults in all
 */
export function soleMatch(
  { percent, after = 0, every = 1 }: Pick<IOChaosSpec, 'percent' | 'after' | 'every'>,
  fired: bigint,
): number | undefined {
  return percent === 100 && fired === 1n ? after + every : undefined;
}
