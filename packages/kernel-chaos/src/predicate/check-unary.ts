import { advance, arithmeticNode, constantNode, convertNode, notNode } from './build.js';
import { type CheckContext, checkValue } from './check-context.js';
import { isPointerNode } from './check-member.js';
import { promote } from './conversion.js';
import {
  type CType,
  formatCType,
  isScalar,
  type PointerType,
  pointerTo,
  type ScalarType,
  sizeOfType,
  ULONG,
} from './ctype.js';
import {
  INVALID_OPERAND,
  type Operand,
  pointedPlace,
  spaceOf,
  typeOfOperand,
  valueOperand,
} from './operand.js';
import { resolveType } from './resolve-type.js';
import type { CastSyntax, SizeofSyntax, UnarySyntax } from './syntax.js';
import type { TypedNode } from './typed.js';

export function checkUnary(context: CheckContext, expression: UnarySyntax): Operand {
  if (expression.operator === '&') return checkAddressOf(context, expression);
  const node = checkValue(context, expression.operand);
  if (!node) return INVALID_OPERAND;
  switch (expression.operator) {
    case '!':
      return valueOperand(notNode(node, expression));
    case '*':
      return checkDereference(context, expression, node);
    default:
      return checkSign(context, expression, expression.operator, node);
  }
}

function checkSign(
  context: CheckContext,
  expression: UnarySyntax,
  operator: '+' | '-' | '~',
  node: TypedNode,
): Operand {
  if (node.type.kind !== 'int') {
    const type = formatCType(node.type);
    context.problems.report('ORD-214', expression, `'${operator}' needs a number, not '${type}'`);
    return INVALID_OPERAND;
  }
  const promoted = promote(node);
  const { type } = promoted;
  const { offset, length } = expression;
  if (promoted.kind === 'constant') {
    const value = { '+': promoted.value, '-': -promoted.value, '~': ~promoted.value }[operator];
    return valueOperand(constantNode(value, type, expression));
  }
  if (operator === '+') return valueOperand({ ...promoted, offset, length });
  return valueOperand({ kind: 'unary', operator, operand: promoted, type, offset, length });
}

function checkDereference(context: CheckContext, expression: UnarySyntax, node: TypedNode): Operand {
  if (isPointerNode(node)) return pointedPlace(node, expression);
  context.problems.report('ORD-214', expression, `'*' needs a pointer, not '${formatCType(node.type)}'`);
  return INVALID_OPERAND;
}

function checkAddressOf(context: CheckContext, expression: UnarySyntax): Operand {
  const operand = context.check(expression.operand);
  if (operand.kind === 'invalid') return INVALID_OPERAND;
  if (operand.kind === 'value') {
    context.problems.report('ORD-214', expression, 'only what lies in memory has an address');
    return INVALID_OPERAND;
  }
  if (operand.bits) {
    context.problems.report('ORD-214', expression, 'a bit-field has no address');
    return INVALID_OPERAND;
  }
  return valueOperand(advance(operand.address, 0n, pointerTo(operand.type, spaceOf(operand)), expression));
}

/** A cast between pointers keeps the address space, unless it says `__user`. */
export function checkCast(context: CheckContext, expression: CastSyntax): Operand {
  const node = checkValue(context, expression.operand);
  const space = node?.type.kind === 'pointer' ? node.type.space : 'kernel';
  const target = resolveType(context.types, expression.type, space);
  if (!node || target.kind === 'invalid') return INVALID_OPERAND;
  if (!isScalar(target)) {
    const hint = target.kind === 'composite' ? `cast a pointer: (${target.name} *)` : undefined;
    context.problems.report('ORD-214', expression, `nothing can be cast to '${formatCType(target)}'`, hint);
    return INVALID_OPERAND;
  }
  return valueOperand(castNode(node, target, expression));
}

function castNode(node: TypedNode, target: ScalarType, expression: CastSyntax): TypedNode {
  const { offset, length } = expression;
  // After a cast it is no longer a bit-field, which would be promoted by its width.
  if (node.kind === 'load' && node.type.kind === 'int' && node.width < node.type.size * 8) {
    return { kind: 'convert', operand: node, type: target, offset, length };
  }
  return convertNode(node, target, expression);
}

export function checkSizeof(context: CheckContext, expression: SizeofSyntax): Operand {
  const { operand } = expression;
  let type: CType;
  if (operand.kind === 'type') type = resolveType(context.types, operand.type);
  else {
    const checked = context.check(operand.expression);
    if (checked.kind === 'place' && checked.bits) {
      context.problems.report('ORD-214', expression, 'a bit-field has no size in bytes');
      return INVALID_OPERAND;
    }
    type = typeOfOperand(checked);
  }
  if (type.kind === 'invalid') return INVALID_OPERAND;
  const size = sizeOfType(type);
  if (size !== undefined) return valueOperand(constantNode(BigInt(size), ULONG, expression));
  context.problems.report('ORD-214', expression, `the size of '${formatCType(type)}' is unknown`);
  return INVALID_OPERAND;
}

/** `left - right` in elements; both point to the same type. */
export function pointerDistance(
  context: CheckContext,
  left: TypedNode,
  right: TypedNode,
  target: PointerType['target'],
  expression: { readonly offset: number; readonly length: number },
  long: ScalarType,
): Operand {
  const size = sizeOfType(target);
  if (size === undefined || size === 0) {
    const type = formatCType(target);
    context.problems.report('ORD-214', expression, `the distance of pointers to '${type}' cannot be counted`);
    return INVALID_OPERAND;
  }
  const bytes = arithmeticNode('-', convertNode(left, long), convertNode(right, long), long, expression);
  if (size === 1) return valueOperand(bytes);
  const scale = constantNode(BigInt(size), long, expression);
  return valueOperand(arithmeticNode('/', bytes, scale, long, expression));
}
