import { type Problem, ProblemsError } from '@ordeal/diagnostics';
import type { Experiment, IOChaosSpec, KernelChaosSpec, Schedule } from '@ordeal/experiment';
import {
  chooseMechanism,
  type KernelFacts,
  type Mechanism,
  type Plan,
  planRequest,
  readKernelFacts,
} from '@ordeal/kernel-chaos';
import type { KernelExperimentSpec } from './arm-kernel-faults.js';
import { withRequestSeed, withSeed } from './drawn-seed.js';
import type { IoExperimentSpec } from './io-experiment.js';
import { replayedMatches } from './record/replayed-matches.js';
import type { RunRequest } from './run-request.js';
import { spareLabFiles } from './spare-lab-files.js';

/** An experiment that was checked against this host. */
export interface CheckedExperiment {
  readonly work: KernelExperimentSpec | IoExperimentSpec;
  /** The targets of the document itself. */
  readonly selection: Pick<KernelChaosSpec, 'selector' | 'mode' | 'value' | 'containerNames'>;
  /** When to start it; undefined = once, now. */
  readonly schedule: Schedule | undefined;
}

type CheckOptions = Pick<RunRequest, 'mechanism' | 'duration' | 'faults' | 'inLab' | 'seed' | 'replay'>;

/**
 * Checks every experiment against this kernel and touches nothing that lasts.
 *
 * @param options options of the run besides the documents
 * @throws ProblemsError for functions that this kernel does not have, all at once
 * @throws UnsupportedError if this kernel cannot inject
 */
export function checkExperiments(
  experiments: readonly Experiment[],
  options: CheckOptions,
): CheckedExperiment[] {
  const kernels = checkKernels(experiments, options);
  return experiments.map((experiment) => {
    const schedule = experiment.kind === 'Schedule' ? experiment : undefined;
    const kernel = kernels.get(experiment);
    if (kernel) return { ...kernel, schedule };
    const written = ioSpec(experiment);
    if (!written) throw new TypeError(`${experiment.name} is no experiment`);
    const { name } = experiment;
    const seed = seedFor(name, options);
    const spec = seed === undefined ? written : withSeed(written, seed);
    const only = replayedMatches(options.replay, name, spec);
    const duration = options.duration ?? spec.duration;
    return {
      work: { kind: 'io', name, spec, only, faults: options.faults, duration },
      selection: spec,
      schedule,
    };
  });
}

/** For what is random in an experiment without a seed of its own: that of the recorded run, or of this one. */
function seedFor(name: string, { replay, seed }: CheckOptions): number | undefined {
  return replay?.get(name)?.seed ?? seed;
}

function checkKernels(
  experiments: readonly Experiment[],
  options: CheckOptions,
): Map<Experiment, Omit<CheckedExperiment, 'schedule'>> {
  const { mechanism: forced, duration, faults, inLab } = options;
  const specs = experiments.flatMap((experiment) => {
    const spec = kernelSpec(experiment);
    return spec ? [{ experiment, spec }] : [];
  });
  if (specs.length === 0) return new Map();
  const facts = readKernelFacts();
  const problems: Problem[] = [];
  const planned = specs.flatMap(({ experiment, spec }) => {
    const seed = seedFor(experiment.name, options);
    // A Schedule makes other choices at each start.
    const draws = experiment.kind !== 'Schedule' || seed !== undefined;
    const seeded = draws ? withRequestSeed(spec.failKernRequest, seed) : spec.failKernRequest;
    const result = planRequest(seeded, experiment.file, facts);
    problems.push(...result.problems);
    if (!result.plan) return [];
    const everywhere = seeded.callchain.every((frame) => frame.funcname === undefined);
    const request = inLab && everywhere ? spareLabFiles(seeded) : seeded;
    // Problems refer to the request as written; the spared part is known to be valid.
    const plan = planRequest(request, experiment.file, facts).plan ?? result.plan;
    return [{ experiment, spec, plan }];
  });
  if (problems.some((problem) => problem.severity === 'error')) throw new ProblemsError(problems);
  const mechanisms = new Map<string, Mechanism>();
  return new Map(
    planned.map(({ experiment, spec, plan }) => [
      experiment,
      {
        work: {
          kind: 'kernel',
          name: experiment.name,
          plan,
          mechanism: mechanismFor(plan, facts, forced, mechanisms),
          forced: forced !== undefined,
          faults,
          duration: duration ?? spec.duration,
        },
        selection: spec,
      },
    ]),
  );
}

/** The normalised path of a volume. */
export function volumeOf(spec: IOChaosSpec | undefined): string | undefined {
  return spec?.volumePath.replace(/(?<=.)\/+$/, '');
}

/** Each fault point is tried once. */
function mechanismFor(
  { faultPoint }: Plan,
  facts: KernelFacts,
  forced: Mechanism | undefined,
  known: Map<string, Mechanism>,
): Mechanism {
  const key = `${faultPoint.function} ${faultPoint.forcedResult}`;
  const mechanism = known.get(key) ?? chooseMechanism(faultPoint, facts, forced);
  known.set(key, mechanism);
  return mechanism;
}

function kernelSpec(experiment: Experiment): KernelChaosSpec | undefined {
  if (experiment.kind === 'KernelChaos') return experiment.spec;
  return experiment.kind === 'Schedule' ? experiment.spec.kernelChaos : undefined;
}

function ioSpec(experiment: Experiment): IOChaosSpec | undefined {
  if (experiment.kind === 'IOChaos') return experiment.spec;
  return experiment.kind === 'Schedule' ? experiment.spec.ioChaos : undefined;
}
