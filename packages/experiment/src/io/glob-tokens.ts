import { fault, type Parsed, read } from '../parsed.js';

/** A piece of a path pattern. */
export type GlobToken =
  /** One character that stands for itself. */
  | { readonly type: 'literal'; readonly text: string }
  /** One character of a set; `source` is a regular expression for it, which never matches `/`. */
  | { readonly type: 'one'; readonly source: string }
  /** Any number of characters of one component. */
  | { readonly type: 'star' }
  /** Any number of whole components, each with its slash. */
  | { readonly type: 'components' }
  /** Everything from here on. */
  | { readonly type: 'rest' };

interface Step {
  readonly token: GlobToken;
  readonly end: number;
}

/** Splits a path pattern, or reports where it is invalid. */
export function tokenizeGlob(pattern: string): Parsed<readonly GlobToken[]> {
  const tokens: GlobToken[] = [];
  for (let at = 0; at < pattern.length; ) {
    const step = stepAt(pattern, at);
    if (!step.ok) return step;
    tokens.push(step.value.token);
    at = step.value.end;
  }
  return read(tokens);
}

function stepAt(pattern: string, at: number): Parsed<Step> {
  const here = pattern[at];
  if (here === '?') return read({ token: { type: 'one', source: '[^/]' }, end: at + 1 });
  if (here === '*') return starsAt(pattern, at);
  if (here === '[') return classAt(pattern, at);
  const text = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
  return read({ token: { type: 'literal', text }, end: at + text.length });
}

function starsAt(pattern: string, at: number): Parsed<Step> {
  const count = /^\*+/.exec(pattern.slice(at))?.[0].length ?? 1;
  const end = at + count;
  if (count === 1) return read({ token: { type: 'star' }, end });
  if (count > 2) {
    return fault(at, count, `'${'*'.repeat(count)}' is not a wildcard`, "'*' or, as a whole component, '**'");
  }
  const starts = at === 0 || pattern[at - 1] === '/';
  const ends = end === pattern.length || pattern[end] === '/';
  if (!starts || !ends) {
    return fault(
      at,
      2,
      "'**' must be a whole component of the path",
      "as in /data/**/log; '*' is a part of one",
    );
  }
  // A pattern that ends with ** or **/ matches everything.
  if (end + 1 >= pattern.length) return read({ token: { type: 'rest' }, end: pattern.length });
  return read({ token: { type: 'components' }, end: end + 1 });
}

function classAt(pattern: string, at: number): Parsed<Step> {
  const negated = pattern[at + 1] === '!';
  const start = at + (negated ? 2 : 1);
  // The first character of a class is never its end: []] is a class of one bracket.
  const close = pattern.indexOf(']', start + 1);
  if (close === -1) {
    return fault(at, pattern.length - at, "'[' is never closed", 'write [[] for a bracket itself');
  }
  const members = membersOf([...pattern.slice(start, close)]);
  const source = negated ? `[^/${members}]` : `(?!/)[${members}]`;
  return read({ token: { type: 'one', source }, end: close + 1 });
}

function membersOf(units: readonly string[]): string {
  let members = '';
  for (let i = 0; i < units.length; ) {
    const from = units[i] ?? '';
    const to = units[i + 1] === '-' ? units[i + 2] : undefined;
    if (to === undefined) {
      members += escapeMember(from);
      i++;
      continue;
    }
    // A range that ends before it begins is empty.
    const holds = (from.codePointAt(0) ?? 0) <= (to.codePointAt(0) ?? 0);
    if (holds) members += `${escapeMember(from)}-${escapeMember(to)}`;
    i += 3;
  }
  return members;
}

function escapeMember(unit: string): string {
  return /[\\^\-\][/]/.test(unit) ? `\\${unit}` : unit;
}
