/** A part of a text: from `offset` on, in UTF-16 units. */
export interface TextSpan {
  readonly offset: number;
  readonly length: number;
}

/** Where a text stops being JSON; undefined if it is JSON. JSON.parse does not say it in every version of Node. Pure. */
export function jsonErrorAt(text: string): number | undefined {
  const scanner = new JsonScanner(text);
  return scanner.whole() ? undefined : scanner.at;
}

/** Where the value of a field of a JSON object is; undefined if there is no such field. Pure. */
export function fieldSpan(text: string, field: string): TextSpan | undefined {
  const scanner = new JsonScanner(text);
  scanner.whole();
  return scanner.fields.get(field);
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** Deeper values are refused, so that none exhausts the stack. */
const DEEPEST = 100;

/** Reads JSON (RFC 8259) without making values. */
class JsonScanner {
  readonly #text: string;
  /** Of the outermost object. */
  readonly fields = new Map<string, TextSpan>();
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns whether the text is one value; if not, `at` is where it stops being one */
  whole(): boolean {
    if (!this.#value(0)) return false;
    this.#take(SPACE);
    return this.at === this.#text.length;
  }

  #value(depth: number): boolean {
    this.#take(SPACE);
    if (depth > DEEPEST) return false;
    if (this.#skip('{')) return this.#items('}', () => this.#member(depth));
    if (this.#skip('[')) return this.#items(']', () => this.#value(depth + 1));
    return this.#take(STRING) || this.#take(NUMBER) || this.#take(WORD);
  }

  #items(end: string, item: () => boolean): boolean {
    this.#take(SPACE);
    if (this.#skip(end)) return true;
    do {
      if (!item()) return false;
      this.#take(SPACE);
      if (this.#skip(end)) return true;
    } while (this.#skip(','));
    return false;
  }

  #member(depth: number): boolean {
    this.#take(SPACE);
    const begin = this.at;
    if (!this.#take(STRING)) return false;
    const name = JSON.parse(this.#text.slice(begin, this.at)) as string;
    this.#take(SPACE);
    if (!this.#skip(':')) return false;
    this.#take(SPACE);
    const offset = this.at;
    if (!this.#value(depth + 1)) return false;
    if (depth === 0) this.fields.set(name, { offset, length: this.at - offset });
    return true;
  }

  #skip(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  #take(token: RegExp): boolean {
    token.lastIndex = this.at;
    if (!token.test(this.#text)) return false;
    this.at = token.lastIndex;
    return true;
  }
}
