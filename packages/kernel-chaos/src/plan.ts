import { type Btf, findFunction, formatFunction } from '@ordeal/bpf';
import { nearestNames, type Problem } from '@ordeal/diagnostics';
import type { FailKernRequest, Frame, SourceText } from '@ordeal/experiment';
import type { Blueprint, ChainFrame } from './assemble/blueprint.js';
import { conventionOf, type Mechanism } from './assemble/convention.js';
import { FAULT_POINTS, type FaultPoint } from './fault-point.js';
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
  /** For each target; 0 = no limit. */
  readonly times: number;
  readonly facts: KernelFacts;
}

/** A plan, or what is in its way. `plan` is there exactly when no problem is an error. */
export interface Planned {
  readonly plan: Plan | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Checks a request against a kernel: every function of the chain must exist there.
 *
 * @param file the name that problems carry
 */
export function planRequest(request: FailKernRequest, file: string, facts: KernelFacts): Planned {
  const problems: Problem[] = [];
  const faultPoint = FAULT_POINTS[request.failtype];
  const frames: ChainFrame[] = [];
  for (const frame of request.callchain) {
    const planned = planFrame(frame, file, facts.btf, problems);
    if (planned) frames.push(planned);
  }
  if (problems.some((problem) => problem.severity === 'error')) return { plan: undefined, problems };
  const { probability, times } = request;
  return { plan: { faultPoint, frames, predicate: undefined, probability, times, facts }, problems };
}

/** What the programs of a plan are assembled from, for these targets on this machine. */
export function blueprintOf(plan: Plan, scopes: readonly Scope[], mechanism: Mechanism): Blueprint {
  return { ...plan, scopes, convention: conventionOf(mechanism, plan.facts), self: process.pid };
}

function planFrame(frame: Frame, file: string, btf: Btf, problems: Problem[]): ChainFrame | undefined {
  const refuse = (source: SourceText | undefined, code: Problem['code'], message: string, hint?: string) => {
    const place = source?.placeAt(0, source.text.length) ?? { line: 1, column: 1, length: 1 };
    problems.push({ severity: 'error', code, file, place, message, ...(hint ? { hint } : {}) });
  };
  if (frame.predicate !== undefined) {
    refuse(frame.source.predicate, 'ORD-407', 'predicate: predicates are not evaluated in this version');
  }
  if (frame.funcname === undefined) return undefined;
  const found = findFunction(btf, frame.funcname);
  if (!found) {
    const near = nearestFunctions(btf, frame.funcname);
    const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : undefined;
    const message = `funcname: this kernel has no function '${frame.funcname}' that can be hooked (missing or inlined)`;
    refuse(frame.source.funcname, 'ORD-201', message, hint);
    return undefined;
  }
  return { function: found.name, prototype: formatFunction(btf, found), predicate: undefined };
}

/** The functions of a kernel whose names are nearest, at most three. */
export function nearestFunctions(btf: Btf, name: string): string[] {
  const names: string[] = [];
  for (const id of btf.ids('func')) names.push(btf.nameOf(id));
  return nearestNames(name, names);
}
