import { compute, wrap } from './arithmetic.js';
import { INT, LONG, type PointerType, type ScalarType } from './ctype.js';
import type { Span } from './problem.js';
import type { ArithmeticOperator } from './syntax.js';
import type { PointerNode, TypedNode } from './typed.js';

// Constructors of typed nodes; constants are folded.

export function constantNode(value: bigint, type: ScalarType, { offset, length }: Span): TypedNode {
  return { kind: 'constant', value: wrap(value, type), type, offset, length };
}

/** The value converted to `type`, by C's rules for integers; pointers convert as unsigned 64-bit numbers. */
export function convertNode(operand: TypedNode, type: ScalarType, span: Span = operand): TypedNode {
  const { offset, length } = span;
  if (operand.kind === 'constant') return constantNode(operand.value, type, span);
  if (sameRange(operand.type, type)) return { ...operand, type, offset, length };
  return { kind: 'convert', operand, type, offset, length };
}

/** Whether every value of `from` has the same representation in `to`, so that a conversion is a no-op. */
function sameRange(from: ScalarType, to: ScalarType): boolean {
  if (from.kind === 'pointer' || to.kind === 'pointer') return from.kind === to.kind;
  return from.size === to.size && from.signed === to.signed && from.bool === to.bool;
}

/** Both operands have the type already (the right one of a shift its own). */
export function arithmeticNode(
  operator: ArithmeticOperator,
  left: TypedNode,
  right: TypedNode,
  type: ScalarType,
  { offset, length }: Span,
): TypedNode {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const value = compute(operator, left.value, right.value, type);
    if (value !== undefined) return constantNode(value, type, { offset, length });
  }
  return { kind: 'arithmetic', operator, left, right, type, offset, length };
}

/** `pointer + distance`, in bytes. */
export function advance(pointer: TypedNode, distance: bigint, type: PointerType, span: Span): PointerNode {
  const { base, displacement } = splitAddress(pointer);
  const total = BigInt.asIntN(64, displacement + distance);
  const node =
    total === 0n
      ? { ...base, type, offset: span.offset, length: span.length }
      : arithmeticNode('+', base, constantNode(total, LONG, span), type, span);
  return { ...node, type };
}

/** An address split into a computed part and a constant offset. */
export function splitAddress(address: TypedNode): {
  readonly base: TypedNode;
  readonly displacement: bigint;
} {
  if (
    address.kind === 'arithmetic' &&
    address.operator === '+' &&
    address.right.kind === 'constant' &&
    address.type.kind === 'pointer'
  ) {
    return { base: address.left, displacement: BigInt.asIntN(64, address.right.value) };
  }
  return { base: address, displacement: 0n };
}

/** 1 if the operand is 0, otherwise 0. */
export function notNode(operand: TypedNode, span: Span): TypedNode {
  const { offset, length } = span;
  if (operand.kind === 'constant') return constantNode(operand.value === 0n ? 1n : 0n, INT, span);
  return { kind: 'not', operand, type: INT, offset, length };
}
