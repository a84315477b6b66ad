/** A C number, or the reason why it is not one. */
export type NumberLiteral =
  | { readonly value: bigint; readonly size: 4 | 8; readonly signed: boolean }
  | { readonly refused: string; readonly code: 'ORD-210' | 'ORD-211' };

const INTEGER =
  /^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)((?:[uU](?:l|L|ll|LL)?|(?:l|L|ll|LL)[uU]?)?)$/;
const FLOATING =
  /^(?:[0-9]*\.[0-9]*(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|0[xX][0-9a-fA-F.]*[pP].*)[fFlL]?$/;

/**
 * The value and type of an integer literal: the first of int, unsigned int, long and unsigned long that its suffix
 * and its base allow and that holds it (C11 6.4.4.1; long and long long are the same here).
 */
export function readNumber(text: string): NumberLiteral {
  const match = INTEGER.exec(text);
  if (!match) {
    return FLOATING.test(text)
      ? { code: 'ORD-211', refused: `predicates have no floating-point numbers: ${text}` }
      : { code: 'ORD-210', refused: `${text} is not a number` };
  }
  const [, digits = '0', suffix = ''] = match;
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  const unsigned = /u/i.test(suffix);
  const long = /l/i.test(suffix);
  const decimal = /^[1-9]/.test(digits);
  if (value >= 1n << 64n) return { code: 'ORD-210', refused: `${text} does not fit into 64 bits` };
  if (!long && !unsigned && value < 1n << 31n) return { value, size: 4, signed: true };
  if (!long && (unsigned || !decimal) && value < 1n << 32n) return { value, size: 4, signed: false };
  if (!unsigned && value < 1n << 63n) return { value, size: 8, signed: true };
  return { value, size: 8, signed: false };
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

/** The bytes between the quotes, UTF-8 outside escapes, or the reason why they are invalid. */
export function readQuoted(token: string): Uint8Array | { readonly refused: string } {
  const bytes: number[] = [];
  const inner = token.slice(1, -1);
  const pattern = /\\x([0-9a-fA-F]+)|\\([0-7]{1,3})|\\([\s\S])|([^\\]+)/g;
  for (const [written, hex, octal, simple, plain] of inner.matchAll(pattern)) {
    if (plain !== undefined) {
      for (const byte of new TextEncoder().encode(plain)) bytes.push(byte);
      continue;
    }
    const digits = hex ?? octal;
    const value = digits === undefined ? SIMPLE_ESCAPES[simple ?? ''] : Number.parseInt(digits, hex ? 16 : 8);
    if (value === undefined) return { refused: `the escape ${written} is unknown` };
    if (value > 255) return { refused: `the escape ${written} does not fit into a byte` };
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}
