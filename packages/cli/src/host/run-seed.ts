import { OrdealError } from '@ordeal/diagnostics';
import type { Experiment } from '@ordeal/experiment';
import { drawSeed, lacksSeed, requestLacksSeed } from '@ordeal/node';
import { seedFlag } from '../flags/seed-flag.js';
import { ioSpec, kernelSpec } from './kernel-spec.js';

/**
 * The seed of a run: that of `--seed`, else one is drawn if something is random without a seed. A Schedule draws its own
 * at each start.
 *
 * @throws OrdealError ORD-901 for `--seed` where it has no effect
 */
export function runSeed(
  flag: string | undefined,
  experiments: readonly Experiment[],
  draw: () => number = drawSeed,
): number | undefined {
  const seed = seedFlag(flag, 31);
  const open = experiments.filter(isOpen);
  if (seed === undefined) return open.some(({ kind }) => kind !== 'Schedule') ? draw() : undefined;
  if (open.length > 0) return seed;
  throw new OrdealError('ORD-901', '--seed has no effect: no document is random without a seed of its own', {
    hint: 'Leave it out.',
  });
}

function isOpen(experiment: Experiment): boolean {
  const io = ioSpec(experiment);
  const kernel = kernelSpec(experiment);
  return (io && lacksSeed(io)) || (kernel && requestLacksSeed(kernel.failKernRequest)) || false;
}
