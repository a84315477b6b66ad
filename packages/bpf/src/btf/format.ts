import type { Btf } from './btf.js';
import type { BtfFuncProto } from './type.js';

const MAX_DEPTH = 32;

/** A declaration in C: `formatType(btf, id, 'name')` gives `const struct qstr *name`. */
export function formatType(btf: Btf, id: number, declarator = '', depth = 0): string {
  if (depth > MAX_DEPTH) return '…';
  const type = btf.type(id);
  const next = (target: number, inner: string) => formatType(btf, target, inner, depth + 1);
  switch (type.kind) {
    case 'void':
      return spaced('void', declarator);
    case 'ptr': {
      const target = btf.type(type.target);
      const inner = `*${declarator}`;
      return target.kind === 'array' || target.kind === 'func_proto'
        ? next(type.target, `(${inner})`)
        : next(type.target, inner);
    }
    case 'array':
      return next(type.element, `${declarator}[${type.count || ''}]`);
    case 'func_proto':
      return next(type.returns, `${declarator}(${formatParameters(btf, type, depth + 1)})`);
    case 'const':
    case 'volatile':
    case 'restrict':
      return qualified(btf, type, declarator, depth);
    case 'type_tag':
      return next(type.target, declarator);
    case 'struct':
    case 'union':
      return spaced(`${type.kind} ${type.name || '{…}'}`, declarator);
    case 'enum':
      return spaced(`enum ${type.name || '{…}'}`, declarator);
    case 'fwd':
      return spaced(`${type.union ? 'union' : 'struct'} ${type.name}`, declarator);
    case 'func':
      return next(type.proto, type.name);
    default:
      return spaced(type.name, declarator);
  }
}

/** The parameter list of a prototype in C, without the parentheses. */
export function formatParameters(btf: Btf, proto: BtfFuncProto, depth = 0): string {
  if (proto.parameters.length === 0) return 'void';
  return proto.parameters
    .map(({ name, type }) => (type === 0 && name === '' ? '...' : formatType(btf, type, name, depth)))
    .join(', ');
}

/** A pointer's qualifier follows the star, any other precedes the type. */
function qualified(
  btf: Btf,
  type: { readonly kind: 'const' | 'volatile' | 'restrict'; readonly target: number },
  declarator: string,
  depth: number,
): string {
  if (btf.type(type.target).kind === 'ptr') {
    return formatType(btf, type.target, ` ${spaced(type.kind, declarator)}`, depth + 1).replace('* ', '*');
  }
  return `${type.kind} ${formatType(btf, type.target, declarator, depth + 1)}`;
}

function spaced(base: string, declarator: string): string {
  return declarator === '' ? base : `${base} ${declarator}`.replace(' [', '[');
}
