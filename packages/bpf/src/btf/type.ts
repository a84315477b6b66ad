/**
 * The kinds of type that BTF knows, decoded. `id`s are BTF type ids; 0 is `void`.
 * Layout source: Documentation/bpf/btf.rst and include/uapi/linux/btf.h (kinds up to ENUM64, Linux 6.0).
 */
export type BtfType =
  | { readonly kind: 'void' }
  | BtfInt
  | { readonly kind: 'ptr'; readonly target: number }
  | { readonly kind: 'array'; readonly element: number; readonly count: number }
  | BtfComposite
  | BtfEnum
  | { readonly kind: 'fwd'; readonly name: string; readonly union: boolean }
  | { readonly kind: 'typedef'; readonly name: string; readonly target: number }
  | { readonly kind: 'volatile' | 'const' | 'restrict'; readonly target: number }
  | { readonly kind: 'func'; readonly name: string; readonly proto: number }
  | BtfFuncProto
  | { readonly kind: 'var'; readonly name: string; readonly target: number }
  | { readonly kind: 'datasec'; readonly name: string; readonly size: number }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  | { readonly kind: 'decl_tag' | 'type_tag'; readonly name: string; readonly target: number };

export interface BtfInt {
  readonly kind: 'int';
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly signed: boolean;
  readonly bool: boolean;
}

export interface BtfComposite {
  readonly kind: 'struct' | 'union';
  /** Empty for an anonymous one. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfMember {
  /** Empty for an anonymous struct or union inside another. */
  readonly name: string;
  readonly type: number;
  /** From the start of the composite, in bits. */
  readonly bitOffset: number;
  /** 0 if the member is not a bit-field. */
  readonly bitSize: number;
}

export interface BtfEnum {
  readonly kind: 'enum';
  readonly name: string;
  /** Bytes: 1, 2, 4 or 8. */
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BtfFuncProto {
  readonly kind: 'func_proto';
  readonly returns: number;
  /** A parameter without name and type at the end stands for `...`. */
  readonly parameters: readonly { readonly name: string; readonly type: number }[];
}

/** Numbers of the kinds in a BTF record (include/uapi/linux/btf.h, BTF_KIND_*). */
export const BTF_KIND = {
  int: 1,
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  func_proto: 13,
  var: 14,
  datasec: 15,
  float: 16,
  decl_tag: 17,
  type_tag: 18,
  enum64: 19,
} as const;

export type BtfKindName = keyof typeof BTF_KIND;

/**
 * Bytes after the 12-byte head of a record: a fixed part, and a part for each of its `vlen` elements.
 * `undefined` for a kind that does not exist.
 */
export function recordTail(kind: number): readonly [fixed: number, each: number] | undefined {
  switch (kind) {
    case BTF_KIND.int:
    case BTF_KIND.var:
    case BTF_KIND.decl_tag:
      return [4, 0];
    case BTF_KIND.array:
      return [12, 0];
    case BTF_KIND.struct:
    case BTF_KIND.union:
    case BTF_KIND.datasec:
    case BTF_KIND.enum64:
      return [0, 12];
    case BTF_KIND.enum:
    case BTF_KIND.func_proto:
      return [0, 8];
    default:
      return kind >= BTF_KIND.ptr && kind <= BTF_KIND.enum64 ? [0, 0] : undefined;
  }
}
