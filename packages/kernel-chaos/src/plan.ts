import { type Btf, findFunction, formatFunction, type KernelFunction } from '@ordeal/bpf';
import { nearestNames, type Problem } from '@ordeal/diagnostics';
import type { FailKernRequest, Frame, SourceText } from '@ordeal/experiment';
import type { Blueprint, ChainFrame } from './assemble/blueprint.js';
import { conventionOf, type Mechanism } from './assemble/convention.js';
import { FAULT_POINTS, type FaultPoint } from './fault-point.js';
import type { KernelFacts } from './kernel-facts.js';
import { compilePredicate, kernelMacros, type MacroTable, type PredicateProblem } from './predicate/index.js';
import { type PredicateCode, predicateCode } from './predicate-code.js';
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
 * Checks a request against a kernel: every function of the chain must exist there, and predicates must make sense over
 * their parameters. A last frame without a name is a predicate on the fault point's own arguments.
 *
 * @param file the name that problems carry
 */
export function planRequest(request: FailKernRequest, file: string, facts: KernelFacts): Planned {
  const planner = new Planner(file, facts);
  const faultPoint = FAULT_POINTS[request.failtype];
  const { probability, times } = request;
  const frames: ChainFrame[] = [];
  let predicate: PredicateCode | undefined;
  for (const frame of request.callchain) {
    if (frame.funcname === undefined) predicate = planner.faultPredicate(frame, faultPoint);
    else frames.push(planner.frame(frame, frame.funcname));
  }
  const { problems } = planner;
  if (problems.some((problem) => problem.severity === 'error')) return { plan: undefined, problems };
  return { plan: { faultPoint, frames, predicate, probability, times, facts }, problems };
}

/** What an injection can do beside the request. */
export interface BlueprintOptions {
  /** Tell each fault, see {@link KernelInjection.events}. */
  readonly events?: boolean;
  /** Fail one match only, see {@link KernelInjection.failOnly}. */
  readonly single?: boolean;
}

/** What the programs of a plan are assembled from, for these targets on this machine. */
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

/** Plans frame by frame and collects what is wrong. */
class Planner {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #btf: Btf;
  readonly #macros: MacroTable;

  constructor(file: string, { btf, gfp }: KernelFacts) {
    this.#file = file;
    this.#btf = btf;
    this.#macros = kernelMacros(gfp);
  }

  frame(frame: Frame, name: string): ChainFrame {
    const found = findFunction(this.#btf, name);
    if (!found) {
      const near = nearestFunctions(this.#btf, name);
      this.#report(frame.source.funcname, 0, name.length, {
        code: 'ORD-201',
        message: `funcname: this kernel has no function '${name}' that can be hooked (missing or inlined)`,
        ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
      });
      return { function: name, prototype: undefined, predicate: undefined };
    }
    const predicate = this.#predicate(frame, found);
    return { function: found.name, prototype: formatFunction(this.#btf, found), predicate };
  }

  /** A kernel without the fault point is refused later, when a mechanism is looked for. */
  faultPredicate(frame: Frame, faultPoint: FaultPoint): PredicateCode | undefined {
    const found = findFunction(this.#btf, faultPoint.function);
    return found && this.#predicate(frame, found);
  }

  #predicate(frame: Frame, target: KernelFunction): PredicateCode | undefined {
    const { predicate: text, parameters } = frame;
    const shared = { function: target, btf: this.#btf, macros: this.#macros };
    // Parameters are checked even where nothing uses them.
    const { typed, problems } = compilePredicate({
      ...shared,
      text: text ?? '1',
      ...(parameters === undefined ? {} : { parameters }),
    });
    for (const problem of problems) this.#reportPredicate(frame, problem);
    return typed && text !== undefined ? predicateCode(typed) : undefined;
  }

  #reportPredicate(frame: Frame, problem: PredicateProblem): void {
    const { code, in: where, offset, length, message, hint } = problem;
    const source = frame.source[where];
    this.#report(source, offset, length, {
      code,
      message: `${where}: ${message}`,
      ...(hint ? { hint } : {}),
    });
  }

  #report(
    source: SourceText | undefined,
    offset: number,
    length: number,
    problem: Pick<Problem, 'code' | 'message' | 'hint'>,
  ): void {
    const place = source?.placeAt(offset, length) ?? { line: 1, column: 1, length: 1 };
    this.problems.push({ severity: 'error', file: this.#file, place, ...problem });
  }
}

/** The functions of a kernel whose names are nearest, at most three. */
export function nearestFunctions(btf: Btf, name: string): string[] {
  const names: string[] = [];
  for (const id of btf.ids('func')) names.push(btf.nameOf(id));
  return nearestNames(name, names);
}
