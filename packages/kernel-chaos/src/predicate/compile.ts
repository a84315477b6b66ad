import type { Btf, KernelFunction } from '@ordeal/bpf';
import { findNamed } from './btf-names.js';
import { checkExpression } from './check.js';
import { checkContext, checkValue } from './check-context.js';
import { checkEmission } from './emit.js';
import type { MacroTable } from './macros.js';
import { bindParameters } from './parameters.js';
import { parsePredicate } from './parse.js';
import { type PredicateProblem, ProblemList } from './problem.js';
import type { TypedPredicate } from './typed.js';

export interface PredicateRequest {
  /** The expression. */
  readonly text: string;
  /** The function on whose arguments it is evaluated. */
  readonly function: KernelFunction;
  /** The user's parameter list, if there is one. */
  readonly parameters?: string;
  /** BTF of the kernel that the predicate is for. */
  readonly btf: Btf;
  /** Values on that kernel. */
  readonly macros: MacroTable;
}

export interface CompiledPredicate {
  /** Present only if there are no problems. */
  readonly typed?: TypedPredicate;
  readonly problems: readonly PredicateProblem[];
}

/** Parses and checks a predicate against a kernel's types. Pure; never throws, whatever the input. */
export function compilePredicate(request: PredicateRequest): CompiledPredicate {
  const { text, btf, macros } = request;
  const inParameters = new ProblemList('parameters');
  const problems = new ProblemList('predicate');
  const parameters = bindParameters(btf, request.function, request.parameters, inParameters);
  const names = {
    isTypedef: (name: string) => findNamed(btf, 'typedef', name) !== undefined,
    isParameter: (name: string) => parameters?.has(name) ?? false,
  };
  const expression = parsePredicate(text, names, problems);
  if (expression && parameters) {
    const context = checkContext({ btf, macros, parameters, problems }, checkExpression);
    const root = checkValue(context, expression);
    if (root && !problems.found) {
      const typed = { text, root };
      checkEmission(typed, problems);
      if (!problems.found && !inParameters.found) return { typed, problems: [] };
    }
  }
  return { problems: [...inParameters.list(), ...problems.list()] };
}

/** The problems of a parameter list alone, for a frame without a predicate. */
export function checkParameters(btf: Btf, target: KernelFunction, text: string): PredicateProblem[] {
  const problems = new ProblemList('parameters');
  bindParameters(btf, target, text, problems);
  return problems.list();
}
