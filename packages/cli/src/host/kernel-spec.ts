import type { Experiment, KernelChaosSpec } from '@ordeal/experiment';

/** What an experiment makes fail in the kernel, a Schedule's included; undefined for I/O chaos. */
export function kernelSpec(experiment: Experiment): KernelChaosSpec | undefined {
  switch (experiment.kind) {
    case 'KernelChaos':
      return experiment.spec;
    case 'Schedule':
      return experiment.spec.kernelChaos;
    case 'IOChaos':
      return undefined;
  }
}
