import { type Btf, findFunction, formatFunction, type KernelFunction } from '@ordeal/bpf';
import { nearestNames, type Problem } from '@ordeal/diagnostics';
import type { Frame } from '@ordeal/experiment';
import type { ChainFrame } from './assemble/blueprint.js';
import type { FaultPoint } from './fault-point.js';
import { frameProblem, frameSyntaxProblems } from './frame-problem.js';
import type { KernelFacts } from './kernel-facts.js';
import { compilePredicate, kernelMacros, type MacroTable } from './predicate/index.js';
import { type PredicateCode, predicateCode } from './predicate-code.js';

/** Plans frame by frame and collects the problems. */
export class FramePlanner {
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
  faultPredicate(frame: Frame, faultPoint: FaultPoint): PredicateCode | undefined {
    const found = findFunction(this.#btf, faultPoint.function);
    if (!found) this.problems.push(...frameSyntaxProblems(frame, this.#file));
    return found && this.#predicate(frame, found);
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
