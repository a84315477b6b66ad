import type { Btf, BtfKindName } from '@ordeal/bpf';
import { arithmeticType, type IntType } from './ctype.js';

/** The value of an enum constant. */
export interface EnumConstant {
  readonly value: bigint;
  /** The type of its enum, which is its own type where it does not fit into int. */
  readonly type: IntType;
  /** Another enum gives this name another value, so it is ambiguous. */
  readonly ambiguous: boolean;
}

/** What is often looked up by name, computed once per BTF. */
interface NameIndex {
  readonly found: Map<string, number | undefined>;
  enumConstants?: ReadonlyMap<string, EnumConstant>;
}

const indexes = new WeakMap<Btf, NameIndex>();

/** Upper bound of cached names; hostile input must not exhaust memory. */
const MAX_REMEMBERED = 10_000;

function indexOf(btf: Btf): NameIndex {
  const known = indexes.get(btf);
  if (known) return known;
  const fresh: NameIndex = { found: new Map() };
  indexes.set(btf, fresh);
  return fresh;
}

/** Like {@link Btf.find}, cached. */
export function findNamed(btf: Btf, kind: BtfKindName, name: string): number | undefined {
  const { found } = indexOf(btf);
  const key = `${kind} ${name}`;
  if (found.has(key)) return found.get(key);
  if (found.size >= MAX_REMEMBERED) found.clear();
  const id = btf.find(kind, name);
  found.set(key, id);
  return id;
}

/** All enum constants of the kernel by name. */
export function enumConstants(btf: Btf): ReadonlyMap<string, EnumConstant> {
  const index = indexOf(btf);
  index.enumConstants ??= collectEnumConstants(btf);
  return index.enumConstants;
}

function collectEnumConstants(btf: Btf): ReadonlyMap<string, EnumConstant> {
  const constants = new Map<string, EnumConstant>();
  for (const kind of ['enum', 'enum64'] as const) {
    for (const id of btf.ids(kind)) {
      const type = btf.type(id);
      if (type.kind !== 'enum') continue;
      const valueType = arithmeticType(type.size === 8 ? 8 : 4, type.signed);
      for (const { name, value } of type.values) {
        const earlier = constants.get(name);
        const ambiguous = earlier !== undefined && (earlier.ambiguous || earlier.value !== value);
        constants.set(name, earlier ? { ...earlier, ambiguous } : { value, type: valueType, ambiguous });
      }
    }
  }
  return constants;
}

/** The names of all types of one kind, for suggestions. */
export function* typeNames(btf: Btf, kind: BtfKindName): Generator<string> {
  for (const id of btf.ids(kind)) {
    const name = btf.nameOf(id);
    if (name !== '') yield name;
  }
}
