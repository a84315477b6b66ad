/** What a pointer points into: kernel and user memory are read by different helpers. */
export type AddressSpace = 'kernel' | 'user';

/**
 * A type as expressions need it: typedefs and qualifiers are resolved, spellings are kept for messages. Immutable.
 */
export type CType =
  | IntType
  | PointerType
  | ArrayType
  | CompositeType
  | { readonly kind: 'void' }
  | { readonly kind: 'function'; readonly name: string }
  /** Exists in C, but predicates cannot hold it: floating point, 128 bits. */
  | { readonly kind: 'unsupported'; readonly name: string; readonly size: number | undefined }
  /** Placeholder after a reported problem; accepted everywhere, so that one mistake gives one message. */
  | { readonly kind: 'invalid' };

/** Every type of numbers: integers, `_Bool` and enums. */
export interface IntType {
  readonly kind: 'int';
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** Only 0 and 1. */
  readonly bool: boolean;
  /** Spelling: `gfp_t`, `unsigned int`, `enum req_op`. */
  readonly name: string;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly target: CType;
  readonly space: AddressSpace;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly element: CType;
  readonly count: number;
}

export interface CompositeType {
  readonly kind: 'composite';
  /** BTF id of the struct or union; `undefined` if the kernel's BTF only knows that it exists. */
  readonly id: number | undefined;
  /** Spelling: `struct qstr`, or the typedef of an anonymous one. */
  readonly name: string;
  readonly size: number | undefined;
}

/** What an expression can hold in a register. */
export type ScalarType = IntType | PointerType;

export const INT: IntType = { kind: 'int', size: 4, signed: true, bool: false, name: 'int' };
export const UINT: IntType = { kind: 'int', size: 4, signed: false, bool: false, name: 'unsigned int' };
export const LONG: IntType = { kind: 'int', size: 8, signed: true, bool: false, name: 'long' };
export const ULONG: IntType = { kind: 'int', size: 8, signed: false, bool: false, name: 'unsigned long' };
export const BOOL: IntType = { kind: 'int', size: 1, signed: false, bool: true, name: '_Bool' };
export const VOID: CType = { kind: 'void' };
export const INVALID: CType = { kind: 'invalid' };

/** The arithmetic type of this width and signedness. */
export function arithmeticType(size: 4 | 8, signed: boolean): IntType {
  if (size === 4) return signed ? INT : UINT;
  return signed ? LONG : ULONG;
}

export function pointerTo(target: CType, space: AddressSpace = 'kernel'): PointerType {
  return { kind: 'pointer', target, space };
}

export function isScalar(type: CType): type is ScalarType {
  return type.kind === 'int' || type.kind === 'pointer';
}

/**
 * Size of a value in bytes; `undefined` for a type without a size. `void` counts 1, as GNU C does for `void *`
 * arithmetic.
 */
export function sizeOfType(type: CType): number | undefined {
  switch (type.kind) {
    case 'int':
    case 'composite':
    case 'unsupported':
      return type.size;
    case 'pointer':
      return 8;
    case 'array': {
      const element = sizeOfType(type.element);
      return element === undefined ? undefined : element * type.count;
    }
    case 'void':
      return 1;
    default:
      return undefined;
  }
}

/** Whether two types are the same except for typedef names, qualifiers and address space. */
export function sameType(a: CType, b: CType): boolean {
  if (a.kind === 'invalid' || b.kind === 'invalid') return true;
  if (a.kind === 'int' && b.kind === 'int') {
    return a.size === b.size && a.signed === b.signed && a.bool === b.bool;
  }
  if (a.kind === 'pointer' && b.kind === 'pointer') return sameType(a.target, b.target);
  if (a.kind === 'array' && b.kind === 'array') {
    return sameType(a.element, b.element) && (a.count === b.count || a.count === 0 || b.count === 0);
  }
  // BTF may hold several structs of one name, and a forward declaration beside the definition.
  if (a.kind === 'composite' && b.kind === 'composite') return a.id === b.id || a.name === b.name;
  if (a.kind === 'unsupported' && b.kind === 'unsupported') return a.name === b.name;
  return a.kind === b.kind;
}

/** The type in C, around `declarator`: `formatCType(type, 'x')` gives `struct qstr *x`. */
export function formatCType(type: CType, declarator = ''): string {
  const spaced = (base: string) => (declarator === '' ? base : `${base} ${declarator}`.replace(' [', '['));
  switch (type.kind) {
    case 'int':
    case 'composite':
    case 'unsupported':
      return spaced(type.name);
    case 'pointer': {
      const wrapped = type.target.kind === 'array' || type.target.kind === 'function';
      return formatCType(type.target, wrapped ? `(*${declarator})` : `*${declarator}`);
    }
    case 'array':
      return formatCType(type.element, `${declarator}[${type.count || ''}]`);
    case 'function':
      return spaced(type.name);
    default:
      return spaced(type.kind === 'void' ? 'void' : '?');
  }
}
