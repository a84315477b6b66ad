import { fault, type Parsed, read } from '../parsed.js';
import { globRegExp } from './glob-reg-exp.js';
import { type GlobToken, tokenizeGlob } from './glob-tokens.js';

/** A parsed path pattern. */
export interface Glob {
  readonly pattern: string;
  /** The longest text that every matching path starts with. */
  readonly prefix: string;
  /** The same pattern as a regular expression over whole paths. */
  readonly regExp: RegExp;
  /** Whether a whole path matches. */
  matches(path: string): boolean;
}

/** Paths are at most 4096 bytes (PATH_MAX, include/uapi/linux/limits.h), and so are sensible patterns. */
const MAX_PATTERN = 4096;

/**
 * Reads a path pattern with the meaning of the Rust crate `glob` as the existing engine uses it (case-sensitive, `*`,
 * `?` and classes stop at `/`, a leading dot is not an exception): `?` is one character, `*` any number of them, `**`
 * any number of whole components and only as a whole component, `[abc]` and `[a-z]` one of these, `[!abc]` one of
 * the others. There are no braces and no escapes: `[*]` is a star.
 */
export function compileGlob(pattern: string): Parsed<Glob> {
  if (pattern.length > MAX_PATTERN) {
    return fault(0, pattern.length, `the pattern has more than ${MAX_PATTERN} characters`);
  }
  const tokens = tokenizeGlob(pattern);
  if (!tokens.ok) return tokens;
  const regExp = globRegExp(tokens.value);
  const prefix = prefixOf(tokens.value);
  return read({ pattern, prefix, regExp, matches: (path) => regExp.test(path) });
}

/** Whether a parsed pattern can match the path of a directory or anything below it. */
export function mayMatchBelow(pattern: string, directory: string): boolean {
  const components = pattern.split('/');
  for (const [index, name] of directory.replace(/\/+$/, '').split('/').entries()) {
    const component = components[index];
    if (component === '**') return true;
    if (component === undefined) return false;
    const glob = compileGlob(component);
    // A class with a slash in it was split in two; the result is unknown then.
    if (!glob.ok) return true;
    if (!glob.value.matches(name)) return false;
  }
  return true;
}

function prefixOf(tokens: readonly GlobToken[]): string {
  let prefix = '';
  for (const token of tokens) {
    if (token.type !== 'literal') break;
    prefix += token.text;
  }
  return prefix;
}
