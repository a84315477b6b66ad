import { type Experiment, type IOChaosSpec, type KernelChaosSpec, parseDocuments } from '@ordeal/experiment';
import { faultWords } from '@ordeal/kernel-chaos';
import { ioSummary } from './io-summary.js';

/** What one document does: `write under /data fails with EIO`. */
export interface ExperimentWords {
  readonly name: string;
  readonly summary: string;
}

/** Of documents that were read before without errors. Pure. */
export function experimentWords(documents: readonly string[]): ExperimentWords[] {
  const experiments = documents.flatMap((document) => parseDocuments(document, '').experiments);
  return experiments.map((experiment) => ({ name: experiment.name, summary: summaryOf(experiment) }));
}

function summaryOf(experiment: Experiment): string {
  switch (experiment.kind) {
    case 'KernelChaos':
      return kernelSummary(experiment.spec);
    case 'IOChaos':
      return ioSummary(experiment.spec);
    case 'Schedule': {
      const { kernelChaos, ioChaos, schedule } = experiment.spec;
      const what = kernelChaos ? kernelSummary(kernelChaos) : ioSummary(ioChaos as IOChaosSpec);
      return `${what}, ${schedule.text}`;
    }
  }
}

function kernelSummary({ failKernRequest }: KernelChaosSpec): string {
  const { what, outcome } = faultWords(failKernRequest);
  const outermost = failKernRequest.callchain.find(({ funcname }) => funcname !== undefined)?.funcname;
  return `${what}${outermost === undefined ? '' : ` under ${outermost}`} fail with ${outcome}`;
}
