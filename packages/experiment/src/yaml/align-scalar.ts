import type { Scalar } from 'yaml';

/**
 * Where each UTF-16 unit of a scalar's decoded text was written: `result[i]` is the offset in `source` of unit `i`,
 * and `result[text.length]` the offset just after the last unit.
 *
 * Decoding never reorders text and changes nothing but white space (folding, indentation) and, in quotes, escapes.
 */
export function alignScalar(scalar: Scalar<string>, source: string): readonly number[] {
  const [start, end] = scalar.range ?? [0, 0];
  const text = scalar.value;
  const starts: number[] = [];
  const behind =
    scalar.type === 'BLOCK_FOLDED' || scalar.type === 'BLOCK_LITERAL'
      ? alignBlock(text, source, start, end, starts)
      : alignFlow(text, source, start, end, starts);
  while (starts.length <= text.length) starts.push(behind);
  return starts;
}

/**
 * Block scalars have no escapes: non-white-space is the same in both texts. White space is taken from the source
 * while it is the same there, and otherwise has the position of the next unit.
 */
function alignBlock(text: string, source: string, start: number, end: number, starts: number[]): number {
  const headerEnd = source.indexOf('\n', start);
  let at = headerEnd === -1 ? end : headerEnd + 1;
  for (const unit of text.split('')) {
    if (!isBlank(unit)) while (at < end && isBlank(source[at])) at++;
    starts.push(Math.min(at, end));
    if (source[at] === unit) at++;
  }
  return Math.min(at, end);
}

/**
 * Plain and quoted scalars: white space within a line is kept, and all white space around line breaks folds into one
 * blank, or into one break less than there are.
 */
function alignFlow(text: string, source: string, start: number, end: number, starts: number[]): number {
  const quote = source[start] === '"' || source[start] === "'" ? source[start] : '';
  let at = start + quote.length;
  const stop = quote !== '' && source[end - 1] === quote ? end - 1 : end;
  while (at < stop && starts.length < text.length) {
    const unit = isBlank(source[at]) ? blanksAt(source, at, stop) : unitAt(source, at, quote);
    for (let k = 0; k < unit.length; k++) starts.push(unit.kept ? at + k : at);
    at = unit.end;
  }
  return at;
}

/** A piece of source: its end, and the number of decoded units that it produces. */
interface Unit {
  readonly end: number;
  readonly length: number;
  /** Each decoded unit was written as itself. */
  readonly kept: boolean;
}

function blanksAt(source: string, at: number, stop: number): Unit {
  let end = at;
  let breaks = 0;
  for (; end < stop && isBlank(source[end]); end++) if (source[end] === '\n') breaks++;
  return breaks === 0
    ? { end, length: end - at, kept: true }
    : { end, length: Math.max(1, breaks - 1), kept: false };
}

/** Escapes with digits, and how many (YAML 1.2, 5.7). */
const HEX_DIGITS: { readonly [letter: string]: number } = { x: 2, u: 4, U: 8 };

function unitAt(source: string, at: number, quote: string): Unit {
  if (quote === "'" && source[at] === "'") return { end: at + 2, length: 1, kept: false };
  if (quote !== '"' || source[at] !== '\\') return { end: at + 1, length: 1, kept: true };
  const letter = source[at + 1] ?? '';
  const digits = HEX_DIGITS[letter];
  if (digits !== undefined) {
    const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
    return { end: at + 2 + digits, length: code > 0xffff ? 2 : 1, kept: false };
  }
  if (letter !== '\n' && letter !== '\r') return { end: at + 2, length: 1, kept: false };
  // An escaped line break produces nothing and skips the indentation of the next line.
  let end = at + (source.startsWith('\r\n', at + 1) ? 3 : 2);
  while (source[end] === ' ' || source[end] === '\t') end++;
  return { end, length: 0, kept: false };
}

function isBlank(unit: string | undefined): boolean {
  return unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r';
}
