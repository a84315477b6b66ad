import type { ProblemList } from './problem.js';
import type { Token, TokenKind } from './token.js';

/** Longest first, so that `>>=` is not read as `>` `>` `=`. */
const PUNCTUATION = [
  '...',
  '<<=',
  '>>=',
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  ...'()[]{}.,;:?+-*/%&|^~!<>=',
];

const SPACE = /(?:[ \t\r\n\f\v]|\\\r?\n|\/\*[\s\S]*?\*\/|\/\/[^\n]*)+/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
/** A hexadecimal number has no signed exponent, so that `0x1e+1` is a sum. */
const NUMBER = /0[xX][0-9A-Za-z_.]*|\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.])*/y;
const QUOTED = /(["'])(?:\\[\s\S]|(?!\1)[^\\\n])*\1/y;

/** Longer texts are rejected. */
export const MAX_TEXT = 16_384;

/**
 * Splits C into tokens. The list always ends with a token of kind `end`; after an invalid character it is `undefined`
 * and the problem is reported.
 */
export function tokenize(text: string, problems: ProblemList): Token[] | undefined {
  if (text.length > MAX_TEXT) {
    problems.report('ORD-217', { offset: 0, length: 1 }, `the text is longer than ${MAX_TEXT} characters`);
    return undefined;
  }
  const tokens: Token[] = [];
  for (let offset = 0; offset < text.length; ) {
    const space = match(SPACE, text, offset);
    if (space !== undefined) {
      offset += space.length;
      continue;
    }
    const [kind, word] = tokenAt(text, offset);
    if (kind === undefined) {
      reportUnreadable(text, offset, problems);
      return undefined;
    }
    tokens.push({ kind, text: word, offset, length: word.length });
    offset += word.length;
  }
  tokens.push({ kind: 'end', text: '', offset: text.length, length: 0 });
  return tokens;
}

function tokenAt(text: string, offset: number): [TokenKind, string] | [undefined] {
  const identifier = match(IDENTIFIER, text, offset);
  if (identifier !== undefined) return ['identifier', identifier];
  const number = match(NUMBER, text, offset);
  if (number !== undefined) return ['number', number];
  const quoted = match(QUOTED, text, offset);
  if (quoted !== undefined) return [quoted.startsWith('"') ? 'string' : 'char', quoted];
  const mark = PUNCTUATION.find((candidate) => text.startsWith(candidate, offset));
  return mark === undefined ? [undefined] : ['punctuation', mark];
}

function reportUnreadable(text: string, offset: number, problems: ProblemList): void {
  const mark = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const span = { offset, length: mark.length };
  if (mark === '"' || mark === "'") problems.report('ORD-210', span, `the closing ${mark} is missing`);
  else problems.report('ORD-210', span, `${JSON.stringify(mark)} has no meaning in C`);
}

function match(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}
