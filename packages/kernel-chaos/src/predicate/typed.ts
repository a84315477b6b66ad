import type { AddressSpace, PointerType, ScalarType } from './ctype.js';
import type { Span } from './problem.js';
import type { ArithmeticOperator, CompareOperator, LogicOperator } from './syntax.js';

/**
 * A checked expression. All of C's implicit steps (conversions, decay, scaling, member offsets) are nodes of their own
 * here, so that evaluation and emission only follow these few rules:
 *
 * - a value of an integer type lies in that type's range; a pointer is unsigned, 64 bits;
 * - both operands of arithmetic and comparison have the type that the operation is done in;
 * - a fault anywhere (memory that cannot be read, division by zero) makes the whole predicate false.
 */
export type TypedNode = Typed &
  (
    | { readonly kind: 'constant'; readonly value: bigint }
    | { readonly kind: 'argument'; readonly index: number; readonly name: string }
    | { readonly kind: 'local'; readonly local: number; readonly name: string }
    | LoadNode
    | { readonly kind: 'convert'; readonly operand: TypedNode }
    | { readonly kind: 'unary'; readonly operator: '-' | '~'; readonly operand: TypedNode }
    /** 1 if the operand is 0. */
    | { readonly kind: 'not'; readonly operand: TypedNode }
    | ArithmeticNode
    | CompareNode
    | {
        readonly kind: 'logic';
        readonly operator: LogicOperator;
        readonly left: TypedNode;
        readonly right: TypedNode;
      }
    | {
        readonly kind: 'choice';
        readonly condition: TypedNode;
        readonly whenTrue: TypedNode;
        readonly whenFalse: TypedNode;
      }
    | { readonly kind: 'let'; readonly bindings: readonly LocalBinding[]; readonly result: TypedNode }
    | MatchNode
  );

interface Typed extends Span {
  readonly type: ScalarType;
}

/** Reads `size` bytes (1 to 8) at `address + displacement` and takes `width` bits from bit `shift` on. */
export interface LoadNode {
  readonly kind: 'load';
  readonly address: TypedNode;
  readonly displacement: bigint;
  readonly space: AddressSpace;
  readonly size: number;
  readonly shift: number;
  readonly width: number;
}

/**
 * `+ - * & | ^` wrap. A shift uses only the low 5 bits of its count, 6 for 64-bit types, as x86 does. Division of the
 * smallest number by -1 wraps too. `right` of a shift has its own type.
 */
export interface ArithmeticNode {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticOperator;
  readonly left: TypedNode;
  readonly right: TypedNode;
}

/** The operands' type determines whether the comparison is signed. */
export interface CompareNode {
  readonly kind: 'compare';
  readonly operator: CompareOperator;
  readonly left: TypedNode;
  readonly right: TypedNode;
}

/**
 * 1 if memory at `address` equals `bytes`. Mode `string` reads up to the first NUL, but at most one byte more than
 * there are to compare: a short string at the end of a page is not a fault. Mode `bytes`, for patterns with a NUL in the
 * middle, reads all of them.
 */
export interface MatchNode {
  readonly kind: 'match';
  readonly address: TypedNode;
  readonly space: AddressSpace;
  readonly bytes: Uint8Array;
  readonly mode: 'string' | 'bytes';
}

export interface LocalBinding {
  /** Unique in the predicate. */
  readonly local: number;
  readonly name: string;
  readonly value: TypedNode;
}

/** A predicate that passed all checks. */
export interface TypedPredicate {
  readonly text: string;
  readonly root: TypedNode;
}

/** A pointer-typed node, as addresses are. */
export type PointerNode = TypedNode & { readonly type: PointerType };

/** The nodes directly below. */
export function childrenOf(node: TypedNode): readonly TypedNode[] {
  switch (node.kind) {
    case 'constant':
    case 'argument':
    case 'local':
      return [];
    case 'load':
    case 'match':
      return [node.address];
    case 'convert':
    case 'unary':
    case 'not':
      return [node.operand];
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return [node.left, node.right];
    case 'choice':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'let':
      return [...node.bindings.map((binding) => binding.value), node.result];
  }
}
