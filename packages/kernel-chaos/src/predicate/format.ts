import { formatCType } from './ctype.js';
import type { TypedNode, TypedPredicate } from './typed.js';

/**
 * The predicate with every implicit step of C spelled out, fully parenthesised: conversions as casts, members as reads
 * at an offset. For `explain`.
 */
export function formatTyped(predicate: TypedPredicate): string {
  return formatNode(predicate.root);
}

function formatNode(node: TypedNode): string {
  switch (node.kind) {
    case 'constant':
      return node.type.kind === 'pointer' ? `0x${node.value.toString(16)}` : String(node.value);
    case 'argument':
    case 'local':
      return node.name;
    case 'load':
      return formatLoad(node);
    case 'convert':
      return `(${formatCType(node.type)})${formatNode(node.operand)}`;
    case 'unary':
      return `${node.operator}${formatNode(node.operand)}`;
    case 'not':
      return `!${formatNode(node.operand)}`;
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return `(${formatNode(node.left)} ${node.operator} ${formatNode(node.right)})`;
    case 'choice':
      return `(${formatNode(node.condition)} ? ${formatNode(node.whenTrue)} : ${formatNode(node.whenFalse)})`;
    case 'let': {
      const bindings = node.bindings.map(({ name, value }) => `${name} = ${formatNode(value)}`);
      return `(let ${bindings.join(', ')} in ${formatNode(node.result)})`;
    }
    case 'match': {
      const what = node.mode === 'string' ? 'text' : 'bytes';
      return `(${node.space} ${what} at ${formatNode(node.address)} == ${quote(node.bytes)})`;
    }
  }
}

function formatLoad(node: TypedNode & { readonly kind: 'load' }): string {
  const { displacement, space, size, shift, width } = node;
  const sign = displacement < 0n ? '-' : '+';
  const distance = displacement < 0n ? -displacement : displacement;
  const address = `${formatNode(node.address)}${distance === 0n ? '' : ` ${sign} ${distance}`}`;
  const bits = shift === 0 && width === size * 8 ? '' : ` bits ${shift}..${shift + width - 1}`;
  return `${space}[${address}; ${size}${bits}]`;
}

function quote(bytes: Uint8Array): string {
  const text = [...bytes].map((byte) => {
    if (byte === 0) return '\\0';
    const printable = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${text.join('')}"`;
}
