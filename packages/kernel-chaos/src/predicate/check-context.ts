import type { Btf } from '@ordeal/bpf';
import { evaluateConstant } from './evaluate.js';
import type { MacroTable } from './macros.js';
import { INVALID_OPERAND, type Operand, readOperand } from './operand.js';
import type { Parameter } from './parameter.js';
import type { ProblemList } from './problem.js';
import type { TypeContext } from './resolve-type.js';
import type { Syntax } from './syntax.js';
import type { LocalBinding, TypedNode } from './typed.js';

/** A local declaration in scope. */
export type Local = Pick<LocalBinding, 'local' | 'name'> & { readonly node: TypedNode | undefined };

/** Upper bound of nodes: a larger program would be too slow to run at every allocation. */
const MAX_NODES = 4000;

/** State shared by all checks of one predicate. */
export interface CheckContext {
  readonly btf: Btf;
  readonly macros: MacroTable;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly problems: ProblemList;
  readonly types: TypeContext;
  /** Innermost scope last. */
  readonly scopes: Map<string, Local>[];
  /** Counts created so far: locals for numbering, nodes for the limit. */
  readonly counters: { locals: number; nodes: number };
  check(expression: Syntax): Operand;
}

/** @param check one expression, without limits; see `check.ts` */
export function checkContext(
  facts: Pick<CheckContext, 'btf' | 'macros' | 'parameters' | 'problems'>,
  check: (context: CheckContext, expression: Syntax) => Operand,
): CheckContext {
  const { btf, problems } = facts;
  const context: CheckContext = {
    ...facts,
    types: { btf, problems, constant: (expression) => constantOf(context, expression) },
    scopes: [],
    counters: { locals: 0, nodes: 0 },
    check: (expression) => {
      if (++context.counters.nodes <= MAX_NODES) return check(context, expression);
      problems.report('ORD-217', expression, `the predicate has more than ${MAX_NODES} parts`);
      return INVALID_OPERAND;
    },
  };
  return context;
}

/** The value of a subexpression; `undefined` if it has none, with the reason reported. */
export function checkValue(context: CheckContext, expression: Syntax): TypedNode | undefined {
  return readOperand(context.check(expression), context.problems);
}

/** The value of a constant expression; `undefined` if it is none. */
export function constantOf(context: CheckContext, expression: Syntax): bigint | undefined {
  const node = checkValue(context, expression);
  return node && evaluateConstant(node);
}
