/** A piece of HTML whose texts are escaped. Only {@link html} and {@link trusted} make one. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Part = Html | string | number | readonly Html[];

/**
 * HTML from a template: what is put into it is escaped, as the text of an element or the value of a quoted attribute,
 * unless it is HTML itself.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = parts.map((part, index) => `${markupOf(part)}${texts[index + 1] ?? ''}`);
  return new Html([texts[0] ?? '', ...markup].join(''));
}

/** Markup that is part of the program, such as a style sheet. Never give it a text from outside. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(part: Part): string {
  if (Array.isArray(part)) return part.join('');
  return part instanceof Html ? part.toString() : escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also replaces control characters, which a page must not contain, by the sign that Unicode has for each. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/[\0-\x08\x0b-\x1f]/g, (character) =>
      character === '\r' ? '' : String.fromCodePoint(0x2400 + character.charCodeAt(0)),
    )
    .replace(/[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
