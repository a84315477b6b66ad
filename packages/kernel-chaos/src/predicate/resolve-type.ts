import type { Btf } from '@ordeal/bpf';
import { findNamed, typeNames } from './btf-names.js';
import { typeFromBtf } from './btf-types.js';
import {
  type AddressSpace,
  BOOL,
  type CType,
  INT,
  INVALID,
  type IntType,
  LONG,
  pointerTo,
  UINT,
  ULONG,
  VOID,
} from './ctype.js';
import { didYouMean, nearNames } from './hint.js';
import type { ProblemList } from './problem.js';
import type { NamedTypeSyntax, Syntax, TypeSyntax } from './syntax.js';

/** The context for resolving a written type. */
export interface TypeContext {
  readonly btf: Btf;
  readonly problems: ProblemList;
  /** The value of an array's count; `undefined` if it is not a constant. */
  readonly constant: (expression: Syntax) => bigint | undefined;
}

/**
 * The kernel's type for a written one. An unknown one is reported and gives `invalid`.
 *
 * @param space the space of pointers without `__user`
 */
export function resolveType(context: TypeContext, syntax: TypeSyntax, space: AddressSpace = 'kernel'): CType {
  switch (syntax.kind) {
    case 'named':
      return resolveNamed(context, syntax, space);
    case 'pointer': {
      const pointsTo = syntax.user ? 'user' : space;
      return pointerTo(resolveType(context, syntax.target, pointsTo), pointsTo);
    }
    case 'array': {
      const element = resolveType(context, syntax.element, space);
      const count = syntax.count === undefined ? 0n : context.constant(syntax.count);
      if (syntax.count !== undefined && (count === undefined || count < 0n || count > 0x7fff_ffffn)) {
        context.problems.report('ORD-214', syntax.count, 'the count of an array must be a constant');
        return INVALID;
      }
      return { kind: 'array', element, count: Number(count) };
    }
    case 'function':
      return { kind: 'function', name: 'a function' };
  }
}

function resolveNamed(context: TypeContext, syntax: NamedTypeSyntax, space: AddressSpace): CType {
  const { btf, problems } = context;
  if (syntax.tag === 'builtin') return builtinType(btf, syntax.name);
  const id = findNamed(btf, syntax.tag, syntax.name) ?? incomplete(btf, syntax);
  if (id !== undefined) return typeFromBtf(btf, id, space);
  const what = syntax.tag === 'typedef' ? 'type' : syntax.tag;
  const names = nearNames(syntax.name, typeNames(btf, syntax.tag));
  problems.report('ORD-215', syntax.at, `this kernel has no ${what} '${syntax.name}'`, didYouMean(names));
  return INVALID;
}

/** A struct that BTF only declares, or an enum with 64-bit values, which is a kind of its own. */
function incomplete(btf: Btf, { tag, name }: NamedTypeSyntax): number | undefined {
  if (tag === 'enum') return findNamed(btf, 'enum64', name);
  return tag === 'typedef' ? undefined : findNamed(btf, 'fwd', name);
}

const BUILTIN: Readonly<Record<string, CType>> = {
  void: VOID,
  _Bool: BOOL,
  'signed char': byte('signed char', true),
  'unsigned char': byte('unsigned char', false),
  short: { kind: 'int', size: 2, signed: true, bool: false, name: 'short' },
  'unsigned short': { kind: 'int', size: 2, signed: false, bool: false, name: 'unsigned short' },
  int: INT,
  'unsigned int': UINT,
  long: LONG,
  'unsigned long': ULONG,
  float: { kind: 'unsupported', name: 'float', size: 4 },
  double: { kind: 'unsupported', name: 'double', size: 8 },
};

function builtinType(btf: Btf, name: string): CType {
  return name === 'char' ? charType(btf) : (BUILTIN[name] ?? INVALID);
}

/** Plain `char` as this kernel was built: signed on x86 up to 6.1, unsigned since 6.2 and on arm64. */
export function charType(btf: Btf): IntType {
  const id = findNamed(btf, 'int', 'char');
  const type = id === undefined ? undefined : btf.type(id);
  return byte('char', type?.kind === 'int' && type.signed);
}

function byte(name: string, signed: boolean): IntType {
  return { kind: 'int', size: 1, signed, bool: false, name };
}
