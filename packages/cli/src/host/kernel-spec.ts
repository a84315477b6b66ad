import type { Experiment, IOChaosSpec, KernelChaosSpec } from '@ordeal/experiment';

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

/** What an experiment does to a volume, a Schedule's included; undefined for kernel chaos. */
export function ioSpec(experiment: Experiment): IOChaosSpec | undefined {
  if (experiment.kind === 'IOChaos') return experiment.spec;
  return experiment.kind === 'Schedule' ? experiment.spec.ioChaos : undefined;
}
