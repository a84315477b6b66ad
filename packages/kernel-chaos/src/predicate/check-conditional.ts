import { convertNode } from './build.js';
import { type CheckContext, checkValue } from './check-context.js';
import { compatiblePointers, isNullConstant, quoteTypes, usualConversions } from './conversion.js';
import { INVALID_OPERAND, type Operand, valueOperand } from './operand.js';
import type { ConditionalSyntax } from './syntax.js';
import type { TypedNode } from './typed.js';

/** `condition ? whenTrue : whenFalse`; both branches are brought to one type. */
export function checkConditional(context: CheckContext, expression: ConditionalSyntax): Operand {
  const condition = checkValue(context, expression.condition);
  const first = checkValue(context, expression.whenTrue);
  const second = checkValue(context, expression.whenFalse);
  if (!condition || !first || !second) return INVALID_OPERAND;
  const branches = inOneType(first, second);
  const { offset, length } = expression;
  if (typeof branches === 'string') {
    context.problems.report('ORD-214', expression, branches);
    return INVALID_OPERAND;
  }
  const [whenTrue, whenFalse] = branches;
  if (condition.kind === 'constant') {
    return valueOperand({ ...(condition.value === 0n ? whenFalse : whenTrue), offset, length });
  }
  return valueOperand({
    kind: 'choice',
    condition,
    whenTrue,
    whenFalse,
    type: whenTrue.type,
    offset,
    length,
  });
}

/** Both branches converted, or the reason why they are incompatible. */
function inOneType(first: TypedNode, second: TypedNode): readonly [TypedNode, TypedNode] | string {
  if (first.type.kind === 'int' && second.type.kind === 'int') {
    const [a, b] = usualConversions(first, second);
    return [a, b];
  }
  if (isNullConstant(second) && first.type.kind === 'pointer')
    return [first, convertNode(second, first.type)];
  if (isNullConstant(first) && second.type.kind === 'pointer')
    return [convertNode(first, second.type), second];
  const [a, b] = quoteTypes(first.type, second.type);
  if (first.type.kind !== 'pointer' || second.type.kind !== 'pointer') {
    return `the branches are incompatible: ${a} and ${b}`;
  }
  if (first.type.space !== second.type.space) {
    return `the branches point into user memory and into kernel memory: ${a} and ${b}`;
  }
  if (!compatiblePointers(first.type, second.type)) return `the branches are incompatible: ${a} and ${b}`;
  const type = first.type.target.kind === 'void' ? first.type : second.type;
  return [convertNode(first, type), convertNode(second, type)];
}
