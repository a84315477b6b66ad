import type { Problem } from '@ordeal/diagnostics';
import type { FailKernRequest, Frame } from '@ordeal/experiment';
import type { Blueprint, ChainFrame } from './assemble/blueprint.js';
import { conventionOf, type Mechanism } from './assemble/convention.js';
import type { FaultPoint } from './fault-point.js';
import { FramePlanner } from './frame-planner.js';
import { frameSyntaxProblems } from './frame-problem.js';
import type { KernelFacts } from './kernel-facts.js';
import type { PredicateCode } from './predicate-code.js';
import type { Scope } from './scope.js';

/** A request that was checked against a kernel. Pure; targets and mechanism are added by {@link blueprintOf}. */
export interface Plan {
  readonly faultPoint: FaultPoint;
  /** Outermost first. */
  readonly frames: readonly ChainFrame[];
  /** On the fault point's own arguments. */
  readonly predicate: PredicateCode | undefined;
  /** Percent. */
  readonly probability: number;
  /** The matches of each target that are skipped first, and then each n-th one is chosen. */
  readonly after: number;
  readonly every: number;
  /** Of the random choice; undefined = none. */
  readonly seed: number | undefined;
  /** For each target; 0 = no limit. */
  readonly times: number;
  readonly facts: KernelFacts;
}

/** A plan, or the problems that prevent it. `plan` is present only when no problem is an error. */
export interface Planned {
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Checks a request against a kernel: every function of the chain must exist there, and predicates must make sense over
 * their parameters. A last frame without a name is a predicate on the fault point's own arguments.
 *
 * @param file the name that problems carry
 */
export function planRequest(request: FailKernRequest, file: string, facts: KernelFacts): Planned {
  const planner = new FramePlanner(file, facts);
  const faultPoint = planner.faultPoint(request);
  const { probability, after = 0, every = 1, seed, times } = request;
  const frames: ChainFrame[] = [];
  let predicate: PredicateCode | undefined;
  for (const frame of request.callchain) {
    if (frame.funcname === undefined) predicate = planner.faultPredicate(frame, faultPoint?.function);
    else frames.push(planner.frame(frame, frame.funcname));
  }
  const { problems } = planner;
  if (!faultPoint || problems.some((problem) => problem.severity === 'error'))
    return { plan: undefined, problems };
  const trigger = { probability, after, every, seed, times };
  return { plan: { faultPoint, frames, predicate, ...trigger, facts }, problems };
}

/**
 * The problems of frames that make no plan: those of documents with errors, or those for an unknown kernel. Names and
 * types are checked if there are facts and the frame names its function; C syntax always.
 */
export function checkFrames(
  frames: readonly Frame[],
  file: string,
  facts: KernelFacts | undefined,
): readonly Problem[] {
  const planner = facts && new FramePlanner(file, facts);
  const problems: Problem[] = [];
  for (const frame of frames) {
    if (planner && frame.funcname !== undefined) planner.frame(frame, frame.funcname);
    else problems.push(...frameSyntaxProblems(frame, file));
  }
  return [...(planner?.problems ?? []), ...problems];
}

/** Options of an injection besides the request. */
export interface BlueprintOptions {
  /** Report each fault, see {@link KernelInjection.events}. */
  readonly events?: boolean;
  /** Fail one match only, see {@link KernelInjection.failOnly}. */
  readonly single?: boolean;
}

/** The input from which a plan's programs are assembled, for these targets on this machine. */
export function blueprintOf(
  plan: Plan,
  scopes: readonly Scope[],
  mechanism: Mechanism,
  { events = false, single = false }: BlueprintOptions = {},
): Blueprint {
  return {
    ...plan,
    scopes,
    convention: conventionOf(mechanism, plan.facts),
    self: process.pid,
    events,
    single,
  };
}
