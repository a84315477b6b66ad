import { OrdealError } from '@ordeal/diagnostics';
import type { Experiment, IOChaosSpec } from '@ordeal/experiment';
import { type InjectionPlan, planInjection } from '@ordeal/io-chaos';
import {
  fileMatches,
  findTarget,
  processesOfTarget,
  type Target,
  type TargetChoice,
  volumeReach,
} from '@ordeal/node';
import { ioSummary } from '../render/io-summary.js';
import { reachWords } from '../render/reach-words.js';

/** An explanation of an IOChaos. */
export interface IoExplanation {
  readonly kind: 'IOChaos';
  readonly name: string;
  /** `write under /data becomes 100ms slower` */
  readonly summary: string;
  /** Which paths match. */
  readonly pattern: string | undefined;
  /** Whose requests it is for, in words; undefined where no target was named. */
  readonly affects?: string;
  readonly durationNs: bigint | undefined;
  readonly probabilityPercent: number;
  readonly after: number | undefined;
  readonly every: number | undefined;
  /** For each target; 0 = no limit. */
  readonly times: number | undefined;
  readonly seed: number | undefined;
  readonly schedule: string | undefined;
  /** What would be moved in each mount namespace of the target; undefined without a target. */
  readonly moves: readonly InjectionPlan[] | undefined;
}

/** Plans an IOChaos and touches nothing. @throws OrdealError if the target or the volume cannot be used */
export async function explainIo(
  runDirectory: string,
  experiment: Experiment,
  spec: IOChaosSpec,
  choice: TargetChoice | undefined,
): Promise<IoExplanation> {
  const target = choice && targetOf(choice);
  const pids = target && processesOfTarget(target).map(({ pid }) => pid);
  return {
    kind: 'IOChaos',
    name: experiment.name,
    summary: ioSummary(spec, pids && fileMatches(runDirectory, spec, pids)),
    pattern: spec.path?.pattern,
    ...(target && { affects: reachWords(volumeReach(target), spec.volumePath, target.description) }),
    durationNs: spec.duration,
    probabilityPercent: spec.percent,
    after: spec.after,
    every: spec.every,
    times: spec.times,
    seed: spec.seed,
    schedule: experiment.kind === 'Schedule' ? experiment.spec.schedule.text : undefined,
    moves: pids && (await movesFor(runDirectory, pids, spec.volumePath)),
  };
}

/** @throws OrdealError ORD-901 for one that does not run yet */
function targetOf(choice: TargetChoice): Target {
  if (choice.kind === 'command' || choice.kind === 'selector') {
    throw new OrdealError('ORD-901', 'explain takes one running target: --container NAME');
  }
  return findTarget(choice);
}

/** @param pids one process in each mount namespace of the target */
async function movesFor(
  runDirectory: string,
  pids: readonly number[],
  volumePath: string,
): Promise<InjectionPlan[]> {
  const plans: InjectionPlan[] = [];
  for (const pid of pids) plans.push(await planInjection(runDirectory, pid, volumePath));
  return plans;
}
