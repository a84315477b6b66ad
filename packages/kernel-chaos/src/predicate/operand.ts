import { advance, splitAddress } from './build.js';
import { type AddressSpace, type CType, formatCType, isScalar, pointerTo } from './ctype.js';
import type { ProblemList, Span } from './problem.js';
import type { PointerNode, TypedNode } from './typed.js';

/** The result of checking an expression: a value, a place in memory, or nothing because a problem was reported. */
export type Operand =
  | { readonly kind: 'value'; readonly node: TypedNode }
  | Place
  | { readonly kind: 'invalid' };

/** C's lvalue: memory that is read only when its value is needed. */
export interface Place extends Span {
  readonly kind: 'place';
  readonly type: CType;
  /** A pointer to the start of the place. */
  readonly address: PointerNode;
  /** For bit-fields: their first bit, counted from `address`, and how many bits. */
  readonly bits: { readonly first: number; readonly width: number } | undefined;
}

export const INVALID_OPERAND: Operand = { kind: 'invalid' };

export function valueOperand(node: TypedNode): Operand {
  return { kind: 'value', node };
}

/** The type that `sizeof` sees: arrays do not decay. */
export function typeOfOperand(operand: Operand): CType {
  switch (operand.kind) {
    case 'value':
      return operand.node.type;
    case 'place':
      return operand.type;
    case 'invalid':
      return { kind: 'invalid' };
  }
}

/** What a pointer points to. */
export function pointedPlace(pointer: PointerNode, span: Span): Place {
  const { offset, length } = span;
  return { kind: 'place', type: pointer.type.target, address: pointer, bits: undefined, offset, length };
}

export function spaceOf(place: Place): AddressSpace {
  return place.address.type.space;
}

/**
 * The value of an operand: places are read, arrays become a pointer to their first element. `undefined` if there is
 * none, with the reason reported.
 */
export function readOperand(operand: Operand, problems: ProblemList): TypedNode | undefined {
  if (operand.kind === 'invalid') return undefined;
  if (operand.kind === 'value') return operand.node;
  const { type, address, offset, length } = operand;
  const span = { offset, length };
  if (isScalar(type)) return readPlace(operand, problems);
  switch (type.kind) {
    case 'array':
      return advance(address, 0n, pointerTo(type.element, spaceOf(operand)), span);
    case 'function':
      return advance(address, 0n, address.type, span);
    case 'composite':
      problems.report(
        'ORD-214',
        span,
        `a whole '${type.name}' is not a value`,
        'choose a member, or take its address',
      );
      return undefined;
    case 'unsupported':
      problems.report('ORD-214', span, `predicates cannot compute with '${formatCType(type)}'`);
      return undefined;
    case 'void':
      problems.report('ORD-214', span, "'void' has no value", 'cast the pointer to what it points to');
      return undefined;
    default:
      return undefined;
  }
}

function readPlace(place: Place, problems: ProblemList): TypedNode | undefined {
  const { type, address, bits, offset, length } = place;
  if (!isScalar(type)) return undefined;
  const typeSize = type.kind === 'pointer' ? 8 : type.size;
  const start = bits ? Math.floor(bits.first / 8) : 0;
  const shift = bits ? bits.first % 8 : 0;
  const width = bits ? bits.width : typeSize * 8;
  // Only the bytes that hold the bits are read: a packed bit-field need not lie in one unit of its type.
  const size = bits ? Math.ceil((shift + width) / 8) : typeSize;
  if (size > 8) {
    problems.report('ORD-214', place, 'this bit-field spreads over more than 8 bytes');
    return undefined;
  }
  const { base, displacement } = splitAddress(address);
  return {
    kind: 'load',
    address: base,
    displacement: BigInt.asIntN(64, displacement + BigInt(start)),
    space: spaceOf(place),
    size,
    shift,
    width,
    type,
    offset,
    length,
  };
}
