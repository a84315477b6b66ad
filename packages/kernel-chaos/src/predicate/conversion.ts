import { convertNode } from './build.js';
import {
  arithmeticType,
  type CType,
  formatCType,
  INT,
  type IntType,
  type PointerType,
  sameType,
  UINT,
} from './ctype.js';
import type { TypedNode } from './typed.js';

/**
 * C's integer promotion (C11 6.3.1.1): what is narrower than int becomes int. A bit-field of fewer than 32 bits is
 * narrower too, whatever its declared type; a wider one keeps the declared type, as Clang does.
 */
export function promote(node: TypedNode): TypedNode {
  const { type } = node;
  if (type.kind === 'pointer') return node;
  const width = node.kind === 'load' ? node.width : type.size * 8;
  if (type.size < 4 || width < 32) return convertNode(node, INT);
  if (type.size === 8 && width === 32) return convertNode(node, type.signed ? INT : UINT);
  return type.size === 4 || type.size === 8 ? retyped(node, arithmeticType(type.size, type.signed)) : node;
}

/** Only the spelling changes: `gfp_t` computes as `unsigned int`. */
function retyped(node: TypedNode, type: IntType): TypedNode {
  return { ...node, type };
}

/** C's usual arithmetic conversions (C11 6.3.1.8): both operands promoted and brought to one type. */
export function usualConversions(left: TypedNode, right: TypedNode): [TypedNode, TypedNode, IntType] {
  const [a, b] = [promote(left), promote(right)];
  const type = commonType(a.type as IntType, b.type as IntType);
  return [convertNode(a, type), convertNode(b, type), type];
}

function commonType(a: IntType, b: IntType): IntType {
  const size = a.size === 8 || b.size === 8 ? 8 : 4;
  const wide = [a, b].filter((type) => type.size === size);
  return arithmeticType(
    size,
    wide.every((type) => type.signed),
  );
}

/** `0` and `(void *)0`, which are compatible with every pointer. */
export function isNullConstant(node: TypedNode): boolean {
  if (node.kind !== 'constant' || node.value !== 0n) return false;
  return node.type.kind === 'int' || node.type.target.kind === 'void';
}

/** Whether C converts one pointer to the other without a cast: `void *`, and bytes of any signedness. */
export function compatiblePointers(a: PointerType, b: PointerType): boolean {
  const isVoid = (type: CType) => type.kind === 'void';
  const isByte = (type: CType) => type.kind === 'int' && type.size === 1 && !type.bool;
  if (isVoid(a.target) || isVoid(b.target)) return true;
  if (isByte(a.target) && isByte(b.target)) return true;
  return sameType(a.target, b.target);
}

/** Two types quoted for a message. */
export function quoteTypes(left: CType, right: CType): [string, string] {
  return [`'${formatCType(left)}'`, `'${formatCType(right)}'`];
}
