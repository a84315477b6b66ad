import { fault, type Parsed, read } from '../parsed.js';

/** A path pattern that was read. */
export interface Glob {
  readonly pattern: string;
  /** The longest text that every matching path starts with. */
  readonly prefix: string;
  /** The same pattern as a regular expression over whole paths. */
  readonly regExp: RegExp;
  /** Whether a whole path matches. */
  matches(path: string): boolean;
}

/**
 * Reads a path pattern with the meaning of the Rust crate `glob` as the existing engine calls it (case counts, `*`,
 * `?` and classes stop at `/`, a leading dot is no exception): `?` is one character, `*` any number of them, `**`
 * any number of whole components and only as a whole component, `[abc]` and `[a-z]` one of these, `[!abc]` one of
 * the others. There are no braces and no escapes: `[*]` is a star.
 */
export function compileGlob(pattern: string): Parsed<Glob> {
  let body = '';
  let prefix: string | undefined;
  let at = 0;
  while (at < pattern.length) {
    const token = tokenAt(pattern, at);
    if (!token.ok) return token;
    if (!token.value.literal) prefix ??= pattern.slice(0, at);
    body += token.value.source;
    at = token.value.end;
  }
  const regExp = new RegExp(`^${body}$`, 'su');
  return read({
    pattern,
    prefix: prefix ?? pattern,
    regExp,
    matches: (path) => regExp.test(path),
  });
}

interface Token {
  /** Regular expression source. */
  readonly source: string;
  readonly end: number;
  readonly literal: boolean;
}

function tokenAt(pattern: string, at: number): Parsed<Token> {
  const here = pattern[at];
  if (here === '?') return read({ source: '[^/]', end: at + 1, literal: false });
  if (here === '*') return starsAt(pattern, at);
  if (here === '[') return classAt(pattern, at);
  const unit = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
  return read({ source: escapeLiteral(unit), end: at + unit.length, literal: true });
}

function starsAt(pattern: string, at: number): Parsed<Token> {
  let end = at;
  while (pattern[end] === '*') end++;
  const count = end - at;
  if (count === 1) return read({ source: '[^/]*', end, literal: false });
  if (count > 2) {
    return fault(at, count, `'${'*'.repeat(count)}' is not a wildcard`, "'*' or, as a whole component, '**'");
  }
  const startsComponent = at === 0 || pattern[at - 1] === '/';
  const endsComponent = end === pattern.length || pattern[end] === '/';
  if (!startsComponent || !endsComponent) {
    return fault(
      at,
      2,
      "'**' must be a whole component of the path",
      "like /data/**/log, or '*' for a part of one",
    );
  }
  // A run of **/ is one **/, as the crate has it; each component ends with its own slash.
  while (pattern.startsWith('/**', end) && (pattern[end + 3] === '/' || end + 3 === pattern.length)) end += 3;
  if (end === pattern.length) return read({ source: '.*', end, literal: false });
  return read({ source: '(?:[^/]*/)*', end: end + 1, literal: false });
}

function classAt(pattern: string, at: number): Parsed<Token> {
  const negated = pattern[at + 1] === '!';
  const start = at + (negated ? 2 : 1);
  // The first character of a class is never its end: []] is a class of one bracket.
  const close = pattern.indexOf(']', start + 1);
  if (close === -1) {
    return fault(at, pattern.length - at, "'[' is never closed", 'write [[] for a bracket that is one');
  }
  const units = [...pattern.slice(start, close)];
  let members = '';
  for (let i = 0; i < units.length; ) {
    const from = units[i] ?? '';
    const to = units[i + 1] === '-' ? units[i + 2] : undefined;
    if (to === undefined) {
      members += escapeMember(from);
      i++;
      continue;
    }
    // A range that ends before it begins holds nothing.
    if ((from.codePointAt(0) ?? 0) <= (to.codePointAt(0) ?? 0)) {
      members += `${escapeMember(from)}-${escapeMember(to)}`;
    }
    i += 3;
  }
  // A class never matches the separator, whatever it lists.
  const source = negated ? `[^/${members}]` : members === '' ? '[]' : `(?!/)[${members}]`;
  return read({ source, end: close + 1, literal: false });
}

function escapeLiteral(unit: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(unit) ? `\\${unit}` : unit;
}

function escapeMember(unit: string): string {
  return /[\\^\-\][/]/.test(unit) ? `\\${unit}` : unit;
}
