import { holds } from './arithmetic.js';
import { arithmeticNode, constantNode, convertNode } from './build.js';
import { type CheckContext, checkValue } from './check-context.js';
import { isPointerNode, movePointer } from './check-member.js';
import { pointerDistance } from './check-unary.js';
import { compatiblePointers, isNullConstant, promote, quoteTypes, usualConversions } from './conversion.js';
import { INT, LONG, ULONG } from './ctype.js';
import { INVALID_OPERAND, type Operand, valueOperand } from './operand.js';
import type { ArithmeticOperator, BinarySyntax, CompareOperator, LogicOperator } from './syntax.js';
import type { TypedNode } from './typed.js';

type Pair = readonly [left: TypedNode, right: TypedNode];

export function checkBinary(context: CheckContext, expression: BinarySyntax): Operand {
  const left = checkValue(context, expression.left);
  const right = checkValue(context, expression.right);
  if (!left || !right) return INVALID_OPERAND;
  const pair = [left, right] as const;
  switch (expression.operator) {
    case '&&':
    case '||':
      return checkLogic(expression, expression.operator, pair);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return checkCompare(context, expression, expression.operator, pair);
    case '<<':
    case '>>':
      return checkShift(context, expression, expression.operator, pair);
    default:
      return checkArithmetic(context, expression, expression.operator, pair);
  }
}

function checkLogic(expression: BinarySyntax, operator: LogicOperator, [left, right]: Pair): Operand {
  const { offset, length } = expression;
  if (left.kind === 'constant' && right.kind === 'constant') {
    const [a, b] = [left.value !== 0n, right.value !== 0n];
    const value = operator === '&&' ? a && b : a || b;
    return valueOperand(constantNode(value ? 1n : 0n, INT, expression));
  }
  return valueOperand({ kind: 'logic', operator, left, right, type: INT, offset, length });
}

function checkCompare(
  context: CheckContext,
  expression: BinarySyntax,
  operator: CompareOperator,
  [left, right]: Pair,
): Operand {
  const operands = comparable(context, expression, left, right);
  if (!operands) return INVALID_OPERAND;
  const [a, b] = operands;
  const { offset, length } = expression;
  if (a.kind === 'constant' && b.kind === 'constant') {
    return valueOperand(constantNode(holds(operator, a.value, b.value) ? 1n : 0n, INT, expression));
  }
  return valueOperand({ kind: 'compare', operator, left: a, right: b, type: INT, offset, length });
}

/** Both sides in one type. Pointers compare as addresses, but not with numbers, which is usually a mistake. */
function comparable(
  context: CheckContext,
  expression: BinarySyntax,
  left: TypedNode,
  right: TypedNode,
): Pair | undefined {
  if (left.type.kind === 'int' && right.type.kind === 'int') {
    const [a, b] = usualConversions(left, right);
    return [a, b];
  }
  const addresses = [convertNode(left, ULONG), convertNode(right, ULONG)] as const;
  if (isNullConstant(left) || isNullConstant(right)) return addresses;
  const [a, b] = quoteTypes(left.type, right.type);
  const mixed = `${a} and ${b} cannot be compared`;
  if (!isPointerNode(left) || !isPointerNode(right)) {
    const pointer = isPointerNode(left) ? expression.left : expression.right;
    context.problems.report(
      'ORD-214',
      expression,
      mixed,
      `cast the pointer: (unsigned long)${short(pointer)}`,
    );
    return undefined;
  }
  if (compatiblePointers(left.type, right.type)) return addresses;
  context.problems.report('ORD-214', expression, mixed, 'cast one side to (void *)');
  return undefined;
}

/** A short form of the expression for a hint. */
function short(expression: BinarySyntax['left']): string {
  return expression.kind === 'name' ? expression.name : '(…)';
}

function checkShift(
  context: CheckContext,
  expression: BinarySyntax,
  operator: '<<' | '>>',
  [left, right]: Pair,
): Operand {
  if (left.type.kind !== 'int' || right.type.kind !== 'int') {
    return refuseTypes(context, expression, [left, right]);
  }
  const value = promote(left);
  return valueOperand(arithmeticNode(operator, value, promote(right), value.type, expression));
}

function checkArithmetic(
  context: CheckContext,
  expression: BinarySyntax,
  operator: ArithmeticOperator,
  [left, right]: Pair,
): Operand {
  if (left.type.kind === 'int' && right.type.kind === 'int') {
    const [a, b, type] = usualConversions(left, right);
    return valueOperand(arithmeticNode(operator, a, b, type, expression));
  }
  if (operator === '+' && left.type.kind === 'int' && isPointerNode(right)) {
    return moved(movePointer(context, right, left, '+', expression));
  }
  if (isPointerNode(left) && right.type.kind === 'int' && (operator === '+' || operator === '-')) {
    return moved(movePointer(context, left, right, operator, expression));
  }
  if (operator === '-' && isPointerNode(left) && isPointerNode(right)) {
    if (compatiblePointers(left.type, right.type)) {
      return pointerDistance(context, left, right, left.type.target, expression, LONG);
    }
  }
  return refuseTypes(context, expression, [left, right]);
}

function moved(pointer: TypedNode | undefined): Operand {
  return pointer ? valueOperand(pointer) : INVALID_OPERAND;
}

function refuseTypes(context: CheckContext, expression: BinarySyntax, [left, right]: Pair): Operand {
  const [a, b] = quoteTypes(left.type, right.type);
  context.problems.report(
    'ORD-214',
    expression,
    `'${expression.operator}' cannot be applied to ${a} and ${b}`,
  );
  return INVALID_OPERAND;
}
