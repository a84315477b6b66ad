import { OrdealError, type Problem, ProblemsError } from '@ordeal/diagnostics';
import type { Experiment, KernelChaosSpec, Schedule } from '@ordeal/experiment';
import {
  chooseMechanism,
  type KernelFacts,
  type Mechanism,
  type Plan,
  planRequest,
  readKernelFacts,
} from '@ordeal/kernel-chaos';
import type { KernelExperimentSpec } from './kernel-experiment.js';
import type { RunRequest } from './run-request.js';
import { spareLabFiles } from './spare-lab-files.js';

/** An experiment that was checked against this host. */
export interface CheckedExperiment {
  readonly kernel: KernelExperimentSpec;
  /** Whom the document itself is for. */
  readonly selection: Pick<KernelChaosSpec, 'selector' | 'mode' | 'value'>;
  /** When to start it; undefined = once, now. */
  readonly schedule: Schedule | undefined;
}

/**
 * Checks every experiment against this kernel and touches nothing that lasts.
 *
 * @param wishes what the run asks for beside the documents
 * @throws ProblemsError for functions that this kernel does not have, all at once
 * @throws UnsupportedError where this kernel cannot inject
 */
export function checkExperiments(
  experiments: readonly Experiment[],
  wishes: Pick<RunRequest, 'mechanism' | 'duration' | 'faults' | 'inLab'>,
): CheckedExperiment[] {
  const { mechanism: forced, duration, faults, inLab } = wishes;
  const facts = readKernelFacts();
  const problems: Problem[] = [];
  const planned = experiments.flatMap((experiment) => {
    const spec = kernelSpec(experiment);
    const result = planRequest(spec.failKernRequest, experiment.file, facts);
    problems.push(...result.problems);
    if (!result.plan) return [];
    const everywhere = spec.failKernRequest.callchain.every((frame) => frame.funcname === undefined);
    const request = inLab && everywhere ? spareLabFiles(spec.failKernRequest) : spec.failKernRequest;
    // Problems come from the request as written; what is spared is known to make sense.
    const plan = planRequest(request, experiment.file, facts).plan ?? result.plan;
    return [{ experiment, spec, plan }];
  });
  if (problems.some((problem) => problem.severity === 'error')) throw new ProblemsError(problems);
  const mechanisms = new Map<number, Mechanism>();
  return planned.map(({ experiment, spec, plan }) => ({
    kernel: {
      name: experiment.name,
      plan,
      mechanism: mechanismFor(plan, facts, forced, mechanisms),
      forced: forced !== undefined,
      faults,
      duration: duration ?? spec.duration,
    },
    selection: spec,
    schedule: experiment.kind === 'Schedule' ? experiment : undefined,
  }));
}

/** Each fault point is tried once. */
function mechanismFor(
  { faultPoint }: Plan,
  facts: KernelFacts,
  forced: Mechanism | undefined,
  known: Map<number, Mechanism>,
): Mechanism {
  const mechanism = known.get(faultPoint.failtype) ?? chooseMechanism(faultPoint, facts, forced);
  known.set(faultPoint.failtype, mechanism);
  return mechanism;
}

function kernelSpec(experiment: Experiment): KernelChaosSpec {
  if (experiment.kind === 'KernelChaos') return experiment.spec;
  if (experiment.kind === 'Schedule' && experiment.spec.kernelChaos) return experiment.spec.kernelChaos;
  throw new OrdealError(
    'ORD-308',
    `${experiment.file}: ${experiment.name} is an IOChaos, which cannot be run yet`,
  );
}
