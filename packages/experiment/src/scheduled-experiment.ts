import type { IOChaos, KernelChaos, Schedule } from './experiment.js';

/**
 * The experiment that a schedule starts each time: with the schedule's name, namespace and positions, but without its
 * labels and annotations.
 */
export function scheduledExperiment(schedule: Schedule): KernelChaos | IOChaos {
  const { spec, apiVersion, name, namespace, file, place } = schedule;
  const common = { apiVersion, name, namespace, labels: {}, annotations: {}, file, place };
  const below = (block: string) => (path: string) =>
    schedule.placeOf(path.replace(/^spec\b/, `spec.${block}`));
  if (spec.kernelChaos !== undefined) {
    return { kind: 'KernelChaos', ...common, placeOf: below('kernelChaos'), spec: spec.kernelChaos };
  }
  if (spec.ioChaos !== undefined) {
    return { kind: 'IOChaos', ...common, placeOf: below('ioChaos'), spec: spec.ioChaos };
  }
  throw new TypeError('a schedule that was read has the spec of its type');
}
