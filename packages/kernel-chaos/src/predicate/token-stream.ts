import type { ProblemList, Span } from './problem.js';
import type { Token } from './token.js';

/** Ends the parsing of one text after a problem was reported. Never leaves the parser. */
export class ParseStop extends Error {}

/**
 * Depth of the syntax tree. Later passes recurse over the tree without checks of their own, so this bounds their
 * stack too.
 */
export const MAX_HEIGHT = 200;

/** Nesting of the parser itself; a pair of parentheses takes two. */
const MAX_NESTING = 2 * MAX_HEIGHT;

/** A cursor over the tokens of a text, with the parser's limits. */
export class TokenStream {
  readonly problems: ProblemList;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  /** @param tokens ending with an `end` token */
  constructor(tokens: readonly Token[], problems: ProblemList) {
    this.#tokens = tokens;
    this.problems = problems;
  }

  /** The token `ahead` positions further on; past the end it is the `end` token. */
  peek(ahead = 0): Token {
    const token = this.#tokens[this.#position + ahead] ?? this.#tokens.at(-1);
    if (!token) throw new Error('a token stream without an end');
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  /** Whether the next token is this punctuator or word. */
  at(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'punctuation' || token.kind === 'identifier');
  }

  /** Consumes the next token if it is this punctuator or word. */
  take(text: string): Token | undefined {
    return this.at(text) ? this.next() : undefined;
  }

  /** @param why completes "expected …" */
  expect(text: string, why: string): Token {
    return this.take(text) ?? this.fail(`expected '${text}' ${why}, found ${describe(this.peek())}`);
  }

  /** Reports a syntax error at the next token and ends the parsing. */
  fail(message: string, span: Span = this.peek(), hint?: string): never {
    this.problems.report('ORD-210', span, message, hint);
    throw new ParseStop();
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) this.tooDeep();
    const result = parse();
    this.#depth--;
    return result;
  }

  tooDeep(): never {
    this.problems.report(
      'ORD-217',
      this.peek(),
      `the expression is nested more than ${MAX_HEIGHT} levels deep`,
    );
    throw new ParseStop();
  }
}

/** A token as text, for "found …". */
export function describe(token: Token): string {
  return token.kind === 'end' ? 'the end' : `'${token.text}'`;
}
