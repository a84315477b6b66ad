import type { Scalar } from 'yaml';

/** Escapes of double quoted scalars that stand for another number of characters than one (YAML 1.2, 5.7). */
const HEX_DIGITS: { readonly [letter: string]: number } = { x: 2, u: 4, U: 8 };

/**
 * Where each UTF-16 unit of a scalar's decoded text was written: `result[i]` is the offset in `source` of unit `i`,
 * and `result[text.length]` the offset just behind the last unit.
 *
 * Decoding never reorders text and changes nothing but white space (folding, indentation) and, in quotes, escapes.
 * So both texts are walked together: units that are not white space must meet, white space may stretch.
 */
export function alignScalar(scalar: Scalar<string>, source: string): readonly number[] {
  const [start, end] = scalar.range ?? [0, 0];
  const text = scalar.value;
  const starts: number[] = [];
  let at = contentStart(scalar, source, start, end);
  let i = 0;
  while (i < text.length) {
    const unit = nextUnit(scalar.type, source, at, end);
    if (unit === undefined) break;
    if (unit.blank) {
      // A line break folds into nothing, one blank or breaks: only a blank that also follows in the text is kept.
      if (text[i] === source[at]) {
        starts.push(at);
        i++;
      } else if (source[at] === '\n' && text[i] === ' ') {
        starts.push(at);
        i++;
      }
      at = unit.end;
      continue;
    }
    // White space in the text that the source has no unit for stands just before the next unit.
    while (unit.length > 0 && !unit.escaped && i < text.length && isBlank(text[i])) {
      starts.push(at);
      i++;
    }
    for (let k = 0; k < unit.length && i < text.length; k++, i++) starts.push(at);
    at = unit.end;
  }
  while (starts.length <= text.length) starts.push(Math.min(at, end));
  return starts;
}

/** One written unit: how far it reaches and how many units of decoded text it stands for. */
interface Unit {
  readonly end: number;
  readonly length: number;
  readonly blank: boolean;
  readonly escaped: boolean;
}

function nextUnit(
  type: Scalar['type'] | undefined,
  source: string,
  at: number,
  end: number,
): Unit | undefined {
  if (at >= end) return undefined;
  const here = source[at];
  if (type === 'QUOTE_SINGLE' && here === "'") {
    return source[at + 1] === "'" ? { end: at + 2, length: 1, blank: false, escaped: true } : undefined;
  }
  if (type === 'QUOTE_DOUBLE' && here === '"') return undefined;
  if (type === 'QUOTE_DOUBLE' && here === '\\') return escapeAt(source, at);
  return { end: at + 1, length: 1, blank: isBlank(here), escaped: false };
}

function escapeAt(source: string, at: number): Unit {
  const letter = source[at + 1] ?? '';
  const digits = HEX_DIGITS[letter];
  if (digits !== undefined) {
    const code = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16);
    return { end: at + 2 + digits, length: code > 0xffff ? 2 : 1, blank: false, escaped: true };
  }
  if (letter === '\n' || letter === '\r') {
    // An escaped line break swallows the indentation of the next line.
    let end = at + (source.startsWith('\r\n', at + 1) ? 3 : 2);
    while (source[end] === ' ' || source[end] === '\t') end++;
    return { end, length: 0, blank: false, escaped: true };
  }
  return { end: at + 2, length: 1, blank: false, escaped: true };
}

function contentStart(scalar: Scalar<string>, source: string, start: number, end: number): number {
  if (scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE') return start + 1;
  if (scalar.type !== 'BLOCK_FOLDED' && scalar.type !== 'BLOCK_LITERAL') return start;
  const headerEnd = source.indexOf('\n', start);
  return headerEnd === -1 ? end : headerEnd + 1;
}

function isBlank(unit: string | undefined): boolean {
  return unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r';
}
