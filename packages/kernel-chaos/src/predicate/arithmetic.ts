import type { ScalarType } from './ctype.js';
import type { ArithmeticOperator, CompareOperator } from './syntax.js';

/** `value` brought into the range of the type by dropping high bits; `_Bool` becomes 0 or 1. */
export function wrap(value: bigint, type: ScalarType): bigint {
  if (type.kind === 'pointer') return BigInt.asUintN(64, value);
  if (type.bool) return value === 0n ? 0n : 1n;
  return type.signed ? BigInt.asIntN(type.size * 8, value) : BigInt.asUintN(type.size * 8, value);
}

/** Bits of a shift count that matter for a type. */
export function shiftMask(type: ScalarType): number {
  return type.kind === 'int' && type.size < 8 ? 31 : 63;
}

/** The result in `type`; `undefined` for a division by zero. See `ArithmeticNode` for the rules. */
export function compute(
  operator: ArithmeticOperator,
  left: bigint,
  right: bigint,
  type: ScalarType,
): bigint | undefined {
  switch (operator) {
    case '+':
      return wrap(left + right, type);
    case '-':
      return wrap(left - right, type);
    case '*':
      return wrap(left * right, type);
    case '/':
      return right === 0n ? undefined : wrap(left / right, type);
    case '%':
      return right === 0n ? undefined : wrap(left % right, type);
    case '<<':
      return wrap(left << (right & BigInt(shiftMask(type))), type);
    case '>>':
      return wrap(left >> (right & BigInt(shiftMask(type))), type);
    case '&':
      return wrap(left & right, type);
    case '|':
      return wrap(left | right, type);
    case '^':
      return wrap(left ^ right, type);
  }
}

export function holds(operator: CompareOperator, left: bigint, right: bigint): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}
