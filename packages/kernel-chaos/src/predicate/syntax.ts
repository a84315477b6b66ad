import type { Span } from './problem.js';

/** Every node knows its place in the text, and how deep the tree below it is (see `MAX_HEIGHT`). */
interface Node extends Span {
  readonly height: number;
}

/** An expression as written, before names are resolved. */
export type Syntax =
  | NumberSyntax
  | CharSyntax
  | StringSyntax
  | NameSyntax
  | MemberSyntax
  | IndexSyntax
  | CallSyntax
  | UnarySyntax
  | BinarySyntax
  | ConditionalSyntax
  | CastSyntax
  | SizeofSyntax
  | BlockSyntax
  | RefusedSyntax;

export interface NumberSyntax extends Node {
  readonly kind: 'number';
  readonly value: bigint;
  readonly size: 4 | 8;
  readonly signed: boolean;
}
export interface CharSyntax extends Node {
  readonly kind: 'char';
  readonly bytes: Uint8Array;
}
export interface StringSyntax extends Node {
  readonly kind: 'string';
  /** Without the NUL at the end. */
  readonly bytes: Uint8Array;
}
export interface NameSyntax extends Node {
  readonly kind: 'name';
  readonly name: string;
}
export interface MemberSyntax extends Node {
  readonly kind: 'member';
  readonly base: Syntax;
  readonly name: string;
  /** Place of the member's name. */
  readonly at: Span;
  /** Written as `->`. */
  readonly arrow: boolean;
}
export interface IndexSyntax extends Node {
  readonly kind: 'index';
  readonly base: Syntax;
  readonly index: Syntax;
}
export interface CallSyntax extends Node {
  readonly kind: 'call';
  readonly callee: Syntax;
  readonly arguments: readonly Syntax[];
}
export type UnaryOperator = '+' | '-' | '~' | '!' | '*' | '&';
export interface UnarySyntax extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Syntax;
}
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '<<' | '>>' | '&' | '|' | '^';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type LogicOperator = '&&' | '||';
export type BinaryOperator = ArithmeticOperator | CompareOperator | LogicOperator;
export interface BinarySyntax extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Syntax;
  readonly right: Syntax;
}
export interface ConditionalSyntax extends Node {
  readonly kind: 'conditional';
  readonly condition: Syntax;
  readonly whenTrue: Syntax;
  readonly whenFalse: Syntax;
}
export interface CastSyntax extends Node {
  readonly kind: 'cast';
  readonly type: TypeSyntax;
  readonly operand: Syntax;
}
export interface SizeofSyntax extends Node {
  readonly kind: 'sizeof';
  readonly operand:
    | { readonly kind: 'type'; readonly type: TypeSyntax }
    | { readonly kind: 'expression'; readonly expression: Syntax };
}
/** `({ int a = 1; a; })` */
export interface BlockSyntax extends Node {
  readonly kind: 'block';
  readonly declarations: readonly DeclarationSyntax[];
  readonly result: Syntax;
}
/** An error that was reported already; its parts are still checked. */
export interface RefusedSyntax extends Node {
  readonly kind: 'refused';
  readonly parts: readonly Syntax[];
}

export interface DeclarationSyntax {
  readonly name: string;
  readonly at: Span;
  readonly type: TypeSyntax;
  readonly value: Syntax;
}

/** A type as written. Qualifiers are dropped, except for the address space of a pointer. */
export type TypeSyntax =
  | NamedTypeSyntax
  | { readonly kind: 'pointer'; readonly target: TypeSyntax; readonly user: boolean }
  | { readonly kind: 'array'; readonly element: TypeSyntax; readonly count: Syntax | undefined }
  | { readonly kind: 'function'; readonly returns: TypeSyntax };

export interface NamedTypeSyntax {
  readonly kind: 'named';
  readonly tag: 'struct' | 'union' | 'enum' | 'typedef' | 'builtin';
  /** For `builtin` the words in a fixed order, for example `unsigned long`. */
  readonly name: string;
  readonly at: Span;
  /** Carries `__user`: pointers to it point into user memory. */
  readonly user: boolean;
}

/** One entry of a parameter list. */
export interface ParameterSyntax {
  readonly name: string | undefined;
  readonly at: Span;
  readonly type: TypeSyntax;
}
