import type { KernelExperimentSpec } from './arm-kernel-faults.js';
import { type CheckedExperiment, volumeOf } from './check-experiments.js';
import type { IoExperimentSpec } from './io-experiment.js';
import type { Target } from './target.js';

/** The targets of one experiment, as they are now. */
export type FindTargets = (checked: CheckedExperiment) => readonly Target[];

/** What is armed together: a kernel experiment, or all I/O experiments for one volume of the same targets. */
export interface Start {
  readonly targets: readonly Target[];
  readonly kernel: readonly KernelExperimentSpec[];
  readonly io: readonly IoExperimentSpec[];
}

/** Experiments that begin now, in order; those for one volume are grouped at the first of them. */
export function startsTogether(experiments: readonly CheckedExperiment[], find: FindTargets): Start[] {
  const starts: (Start & { readonly io: IoExperimentSpec[] })[] = [];
  const byVolume = new Map<string, IoExperimentSpec[]>();
  for (const checked of experiments) {
    const { work } = checked;
    const targets = find(checked);
    if (work.kind === 'kernel') {
      starts.push({ targets, kernel: [work], io: [] });
      continue;
    }
    const key = JSON.stringify([volumeOf(work.spec), targets.map(({ description }) => description)]);
    const known = byVolume.get(key);
    known?.push(work);
    if (known) continue;
    const io = [work];
    byVolume.set(key, io);
    starts.push({ targets, kernel: [], io });
  }
  return starts;
}
