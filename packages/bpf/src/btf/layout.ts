import { BpfError } from '../bpf-error.js';
import type { Btf } from './btf.js';
import type { BtfComposite, BtfType } from './type.js';

/** Typedef chains are short; a longer one is a loop in malformed data. */
const MAX_DEPTH = 64;

/** The type behind typedefs, qualifiers and tags. @throws BpfError ORD-402 on a chain that never ends */
export function resolve(btf: Btf, id: number): { readonly id: number; readonly type: BtfType } {
  let current = id;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = btf.type(current);
    switch (type.kind) {
      case 'typedef':
      case 'const':
      case 'volatile':
      case 'restrict':
      case 'type_tag':
        current = type.target;
        break;
      default:
        return { id: current, type };
    }
  }
  throw new BpfError('ORD-402', `The BTF data is malformed: type ${id} leads nowhere`);
}

/** Bytes that a value of the type takes; `undefined` for void, functions and incomplete types. Pointers take 8. */
export function sizeOf(btf: Btf, id: number): number | undefined {
  let count = 1;
  let current = resolve(btf, id).type;
  for (let depth = 0; current.kind === 'array' && depth < MAX_DEPTH; depth++) {
    count *= current.count;
    current = resolve(btf, current.element).type;
  }
  switch (current.kind) {
    case 'ptr':
      return count * 8;
    case 'int':
    case 'struct':
    case 'union':
    case 'enum':
    case 'float':
      return count * current.size;
    default:
      return undefined;
  }
}

/** A member found by name, also in anonymous structs and unions. */
export interface FoundMember {
  readonly type: number;
  /** From the start of the outermost composite, in bits. */
  readonly bitOffset: number;
  /** 0 if the member is not a bit-field. */
  readonly bitSize: number;
}

/** The member `name` of a composite, searched as C does; `undefined` if it has none. */
export function findMember(
  btf: Btf,
  composite: BtfComposite,
  name: string,
  depth = 0,
): FoundMember | undefined {
  for (const member of composite.members) {
    if (member.name === name) return member;
    if (member.name !== '' || depth > MAX_DEPTH) continue;
    const inner = resolve(btf, member.type).type;
    if (inner.kind !== 'struct' && inner.kind !== 'union') continue;
    const found = findMember(btf, inner, name, depth + 1);
    if (found) return { ...found, bitOffset: found.bitOffset + member.bitOffset };
  }
  return undefined;
}

/** All names that {@link findMember} would find, in order of declaration. */
export function memberNames(btf: Btf, composite: BtfComposite, depth = 0): string[] {
  return composite.members.flatMap((member) => {
    if (member.name !== '') return [member.name];
    const inner = resolve(btf, member.type).type;
    if ((inner.kind !== 'struct' && inner.kind !== 'union') || depth > MAX_DEPTH) return [];
    return memberNames(btf, inner, depth + 1);
  });
}

/**
 * Byte offset of a member by path: `offsetOf(btf, 'bio', 'bi_iter.bi_sector')`.
 * @throws BpfError ORD-403 if this kernel's structure has no such member, or it is a bit-field
 */
export function offsetOf(btf: Btf, struct: string, path: string): number {
  const missing = () => new BpfError('ORD-403', `This kernel's struct ${struct} has no member ${path}`);
  const id = btf.find('struct', struct);
  if (id === undefined) throw missing();
  let type = btf.type(id);
  let bits = 0;
  for (const name of path.split('.')) {
    if (type.kind !== 'struct' && type.kind !== 'union') throw missing();
    const member = findMember(btf, type, name);
    if (member?.bitSize !== 0) throw missing();
    bits += member.bitOffset;
    type = resolve(btf, member.type).type;
  }
  return bits / 8;
}

/** Whether the kernel's structure has the member path of {@link offsetOf}. */
export function hasMember(btf: Btf, struct: string, path: string): boolean {
  try {
    offsetOf(btf, struct, path);
    return true;
  } catch (error) {
    if (error instanceof BpfError && error.code === 'ORD-403') return false;
    throw error;
  }
}
