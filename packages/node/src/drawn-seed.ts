import { randomInt } from 'node:crypto';
import { type IOChaosSpec, isByChance, type KernelChaosSpec } from '@ordeal/experiment';
import type { IoExperimentSpec } from './io-experiment.js';

type Request = KernelChaosSpec['failKernRequest'];

/** Seeds are below 2^31, as in documents. */
const SEED_LIMIT = 2 ** 31;

export function drawSeed(): number {
  return randomInt(SEED_LIMIT);
}

/** The document with a seed, if it needs one and has none: a run that reports its seed can be repeated. */
export function withSeed(spec: IOChaosSpec, seed = drawSeed()): IOChaosSpec {
  return lacksSeed(spec) ? { ...spec, seed } : spec;
}

/** The same for kernel faults. */
export function withRequestSeed(request: Request, seed = drawSeed()): Request {
  return requestLacksSeed(request) ? { ...request, seed } : request;
}

/** Whether something in it is random, without a seed. Pure. */
export function lacksSeed(spec: IOChaosSpec): boolean {
  return spec.seed === undefined && isByChance(spec);
}

/** The same for kernel faults. Pure. */
export function requestLacksSeed({ seed, probability }: Request): boolean {
  return seed === undefined && probability > 0 && probability < 100;
}

/**
 * Which match got the fault, from the document alone; undefined if there was not exactly one, or it was chosen at random. Pure.
 *
 * @param fired faults in all
 */
export function soleMatch(
  { spec: { percent, after = 0, every = 1 }, only }: Pick<IoExperimentSpec, 'spec' | 'only'>,
  fired: bigint,
): number | undefined {
  if (only) return only.length === 1 && fired === 1n ? only[0] : undefined;
  return percent === 100 && fired === 1n ? after + every : undefined;
}
