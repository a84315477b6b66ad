import { builtinTypeWords, isReserved, qualifierWords, type Token, tagWords } from './token.js';
import type { TokenStream } from './token-stream.js';

/** What a parser of C must know about names, because `(a)*b` is a cast or a product depending on `a`. */
export interface KnownNames {
  /** Whether the kernel has a typedef of this name. */
  isTypedef(name: string): boolean;
  /** Whether a parameter has this name; it hides a typedef. */
  isParameter(name: string): boolean;
}

/** State of the parsing of one text. */
export class ParseContext {
  readonly stream: TokenStream;
  readonly #names: KnownNames;
  readonly #scopes: Set<string>[] = [];

  constructor(stream: TokenStream, names: KnownNames) {
    this.stream = stream;
    this.#names = names;
  }

  /** Runs `parse` in a scope of its own, as a statement expression opens one. */
  inScope<T>(parse: () => T): T {
    this.#scopes.push(new Set());
    const result = parse();
    this.#scopes.pop();
    return result;
  }

  declare(name: string): void {
    this.#scopes.at(-1)?.add(name);
  }

  /** Whether a type's name starts at this token. */
  startsType(token: Token): boolean {
    if (token.kind !== 'identifier') return false;
    const { text } = token;
    if (builtinTypeWords.has(text) || qualifierWords.has(text) || tagWords.has(text)) return true;
    if (isReserved(text) || this.#isVariable(text)) return false;
    return this.#names.isTypedef(text);
  }

  /**
   * Whether the parenthesis at the cursor encloses a type. Also true for an unknown name if only a type makes sense
   * (`(foo_t *)p`, `(foo_t)x`), so that it is reported as an unknown type.
   */
  parenthesisHoldsType(): boolean {
    const { stream } = this;
    if (!stream.at('(')) return false;
    const first = stream.peek(1);
    if (this.startsType(first)) return true;
    if (first.kind !== 'identifier' || isReserved(first.text) || this.#isVariable(first.text)) return false;
    let ahead = 2;
    while (stream.at('*', ahead)) ahead++;
    if (!stream.at(')', ahead)) return false;
    const after = stream.peek(ahead + 1);
    return ahead > 2 || after.kind === 'identifier' || after.kind === 'number';
  }

  #isVariable(name: string): boolean {
    return this.#scopes.some((scope) => scope.has(name)) || this.#names.isParameter(name);
  }
}
