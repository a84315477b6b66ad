import { type Btf, findFunction, formatFunction, type KernelFunction } from '@ordeal/bpf';
import { nearestNames, type Problem } from '@ordeal/diagnostics';
import type { FailKernRequest, Frame } from '@ordeal/experiment';
import type { ChainFrame } from './assemble/blueprint.js';
import { chooseFunction } from './chosen-function.js';
import { FAULT_POINTS, type FaultPoint } from './fault-point.js';
import { frameProblem, frameSyntaxProblems } from './frame-problem.js';
import type { KernelFacts } from './kernel-facts.js';
import { compilePredicate, kernelMacros, type MacroTable } from './predicate/index.js';
import { type PredicateCode, predicateCode } from './predicate-code.js';

/** Plans frame by frame and collects the problems. */
export class FramePlanner {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #facts: KernelFacts;
  readonly #btf: Btf;
  readonly #macros: MacroTable;

  constructor(file: string, facts: KernelFacts) {
    this.#file = file;
    this.#facts = facts;
    this.#btf = facts.btf;
    this.#macros = kernelMacros(facts.gfp);
  }

  /** Undefined if a function was chosen that cannot fail. */
  faultPoint(request: FailKernRequest): FaultPoint | undefined {
    if (request.function === undefined) return FAULT_POINTS[request.failtype ?? 0];
    const { faultPoint, problem } = chooseFunction(request, request.function, this.#file, this.#facts);
    if (problem) this.problems.push(problem);
    return faultPoint;
  }

  frame(frame: Frame, name: string): ChainFrame {
    const found = findFunction(this.#btf, name);
    if (!found) {
      const near = nearestFunctions(this.#btf, name);
      const problem = {
        in: 'funcname',
        offset: 0,
        length: name.length,
        code: 'ORD-201',
        message: `this kernel has no function '${name}' that can be hooked (missing or inlined)`,
        ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
      } as const;
      this.problems.push(frameProblem(frame, this.#file, problem));
      this.problems.push(...frameSyntaxProblems(frame, this.#file));
      return { function: name, prototype: undefined, predicate: undefined };
    }
    const predicate = this.#predicate(frame, found);
    return { function: found.name, prototype: formatFunction(this.#btf, found), predicate };
  }

  /** A kernel without the fault point is refused later, when a mechanism is looked for. */
  faultPredicate(frame: Frame, target: string | undefined): PredicateCode | undefined {
    const found = target === undefined ? undefined : findFunction(this.#btf, target);
    if (found) return this.#predicate(frame, found);
    this.problems.push(...frameSyntaxProblems(frame, this.#file));
    if (target !== undefined && this.#facts.injectable()?.has(target)) {
      const message = `${target} has no type information in this kernel, so nothing is known of its arguments`;
      const [offset, length] = [0, frame.predicate?.length ?? 1];
      const problem = { in: 'predicate', offset, length, code: 'ORD-201', message } as const;
      this.problems.push(frameProblem(frame, this.#file, problem));
    }
    return undefined;
  }

  #predicate(frame: Frame, target: KernelFunction): PredicateCode | undefined {
    const { predicate: text, parameters } = frame;
    const shared = { function: target, btf: this.#btf, macros: this.#macros };
    // Parameters are checked even if nothing uses them.
    const { typed, problems } = compilePredicate({
      ...shared,
      text: text ?? '1',
      ...(parameters === undefined ? {} : { parameters }),
    });
    this.problems.push(...problems.map((problem) => frameProblem(frame, this.#file, problem)));
    return typed && text !== undefined ? predicateCode(typed) : undefined;
  }
}

/** The functions of a kernel whose names are nearest, at most three. */
export function nearestFunctions(btf: Btf, name: string): string[] {
  const names: string[] = [];
  for (const id of btf.ids('func')) names.push(btf.nameOf(id));
  return nearestNames(name, names);
}
