import { disassemble, type ProgramSpec } from '@ordeal/bpf';
import type { Experiment, KernelChaosSpec } from '@ordeal/experiment';
import {
  assemblePrograms,
  blueprintOf,
  formatTarget,
  type Mechanism,
  type Plan,
  type Scope,
} from '@ordeal/kernel-chaos';

/** The explanation of one program of a plan. */
export interface ProgramListing {
  readonly name: string;
  /** `fentry on __x64_sys_mount` */
  readonly hook: string;
  readonly listing: readonly string[];
}

/** The explanation of a plan. */
export interface PlanExplanation {
  readonly kind: 'KernelChaos';
  readonly name: string;
  /** `slab allocations fail with ENOMEM` */
  readonly summary: string;
  /** With its prototype. */
  readonly faultPoint: string;
  /** With their prototypes, outermost first. */
  readonly frames: readonly string[];
  readonly mechanism: Mechanism;
  /** A description of the targets. */
  readonly selector: string;
  readonly durationNs: bigint | undefined;
  readonly probabilityPercent: number;
  readonly after: number;
  readonly every: number;
  readonly times: number;
  readonly seed: number | undefined;
  readonly schedule: string | undefined;
  readonly kernel: string;
  readonly programs: readonly ProgramListing[];
}

/** Listings need a target; a run uses the real one instead. */
const PLACEHOLDER: Scope = { kind: 'cgroup', id: 1n, level: 1 };

/** Explains a plan, with listings of its programs. Pure. */
export function explainPlan(
  experiment: Experiment,
  spec: KernelChaosSpec,
  plan: Plan,
  mechanism: Mechanism,
): PlanExplanation {
  const { faultPoint, facts, frames, probability, after, every, times, seed } = plan;
  const programs = assemblePrograms(blueprintOf(plan, [PLACEHOLDER], mechanism));
  return {
    kind: 'KernelChaos',
    name: experiment.name,
    summary: `${faultPoint.what} fail with ${faultPoint.outcome}`,
    faultPoint:
      formatTarget(facts, faultPoint.function) ?? `${faultPoint.function}, of which BTF knows nothing`,
    frames: frames.map((frame) => frame.prototype ?? frame.function),
    mechanism,
    selector: 'the target that run is given: --pid, --cgroup, --container or -- CMD (listed: cgroup 1)',
    durationNs: spec.duration,
    probabilityPercent: probability,
    after,
    every,
    times,
    seed,
    schedule: experiment.kind === 'Schedule' ? experiment.spec.schedule.text : undefined,
    kernel: facts.release,
    programs: programs.map(listingOf),
  };
}

function listingOf({ name, attachment, instructions }: ProgramSpec): ProgramListing {
  const where = attachment.kind === 'raw_tracepoint' ? attachment.tracepoint : attachment.function;
  return { name, hook: `${attachment.kind} on ${where}`, listing: disassemble(instructions) };
}
