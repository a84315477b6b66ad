import { type Btf, type BtfEnum, formatType, resolve, sizeOf } from '@ordeal/bpf';
import { type AddressSpace, type CType, INVALID, type IntType, pointerTo, VOID } from './ctype.js';

/** Pointers to pointers and typedefs of them; a longer chain is a loop in malformed data. */
const MAX_DEPTH = 32;

/**
 * The BTF type `id` as expressions see it.
 *
 * @param space the space its pointers point into, unless a type tag says `user`: a pointer in user memory is a user
 * pointer
 */
export function typeFromBtf(btf: Btf, id: number, space: AddressSpace = 'kernel', depth = 0): CType {
  if (depth > MAX_DEPTH) return INVALID;
  const { id: resolvedId, type } = resolve(btf, id);
  switch (type.kind) {
    case 'void':
      return VOID;
    case 'int':
      return intType(type.size, type.signed, type.bool, spelling(btf, id)) ?? unsupported(btf, id);
    case 'enum':
      return enumType(type, spelling(btf, id)) ?? unsupported(btf, id);
    case 'float':
      return unsupported(btf, id);
    case 'ptr': {
      const pointsTo = isTaggedUser(btf, type.target) ? 'user' : space;
      return pointerTo(typeFromBtf(btf, type.target, pointsTo, depth + 1), pointsTo);
    }
    case 'array': {
      const element = typeFromBtf(btf, type.element, space, depth + 1);
      return { kind: 'array', element, count: type.count };
    }
    case 'struct':
    case 'union':
      return { kind: 'composite', id: resolvedId, name: spelling(btf, id), size: type.size };
    case 'fwd': {
      const whole = btf.find(type.union ? 'union' : 'struct', type.name);
      return whole === undefined
        ? { kind: 'composite', id: undefined, name: spelling(btf, id), size: undefined }
        : typeFromBtf(btf, whole, space, depth + 1);
    }
    case 'func_proto':
      return { kind: 'function', name: formatType(btf, resolvedId) };
    default:
      return INVALID;
  }
}

/** The enum as a number: an enum of BTF has no type of its own for its values. */
export function enumType(type: BtfEnum, name: string): IntType | undefined {
  return intType(type.size, type.signed, false, name);
}

function intType(size: number, signed: boolean, bool: boolean, name: string): IntType | undefined {
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return undefined;
  return { kind: 'int', size, signed, bool, name };
}

function unsupported(btf: Btf, id: number): CType {
  return { kind: 'unsupported', name: spelling(btf, id), size: sizeOf(btf, id) };
}

/** The outermost name, without qualifiers. */
function spelling(btf: Btf, id: number): string {
  let current = id;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = btf.type(current);
    if (
      type.kind !== 'const' &&
      type.kind !== 'volatile' &&
      type.kind !== 'restrict' &&
      type.kind !== 'type_tag'
    )
      break;
    current = type.target;
  }
  return formatType(btf, current);
}

/** Kernels built by Clang, and by GCC from 16 on, keep `__user` as a type tag on what the pointer points to. */
function isTaggedUser(btf: Btf, id: number): boolean {
  let current = id;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = btf.type(current);
    if (type.kind === 'type_tag' && type.name === 'user') return true;
    if (
      type.kind !== 'const' &&
      type.kind !== 'volatile' &&
      type.kind !== 'restrict' &&
      type.kind !== 'type_tag'
    )
      return false;
    current = type.target;
  }
  return false;
}
