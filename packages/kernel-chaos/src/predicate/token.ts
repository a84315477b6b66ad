import type { Span } from './problem.js';

export type TokenKind = 'identifier' | 'number' | 'char' | 'string' | 'punctuation' | 'end';

/** One C token. `text` is as written, with its quotes. */
export interface Token extends Span {
  readonly kind: TokenKind;
  readonly text: string;
}

/** Words that introduce constructs which predicates do not have, with their name in a message. */
export const refusedWords: ReadonlyMap<string, string> = new Map([
  ['for', 'loops'],
  ['while', 'loops'],
  ['do', 'loops'],
  ['if', 'statements'],
  ['else', 'statements'],
  ['switch', 'statements'],
  ['case', 'statements'],
  ['default', 'statements'],
  ['goto', 'jumps'],
  ['return', 'jumps'],
  ['break', 'jumps'],
  ['continue', 'jumps'],
  ['asm', 'assembly'],
  ['__asm__', 'assembly'],
  ['typedef', 'type definitions'],
  ['static', 'static variables'],
  ['extern', 'external variables'],
  ['typeof', 'typeof'],
  ['__typeof__', 'typeof'],
  ['_Generic', 'generic selections'],
]);

/** Words that can only be part of a type's name. */
export const builtinTypeWords: ReadonlySet<string> = new Set([
  'void',
  'char',
  'short',
  'int',
  'long',
  'signed',
  'unsigned',
  '_Bool',
  'float',
  'double',
]);

/** Words that qualify a type; only the address space matters to a predicate. */
export const qualifierWords: ReadonlySet<string> = new Set([
  'const',
  'volatile',
  'restrict',
  '__restrict',
  '__user',
  '__rcu',
  '__iomem',
  '__percpu',
  '__kernel',
  '__force',
  'register',
]);

export const tagWords: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);

/** Words that can never be the name of something. */
export function isReserved(word: string): boolean {
  return (
    builtinTypeWords.has(word) ||
    qualifierWords.has(word) ||
    tagWords.has(word) ||
    refusedWords.has(word) ||
    word === 'sizeof'
  );
}
