import { createHash } from 'node:crypto';

/** Lines that are kept of each run, and how many characters of each. */
const LINES = 5;
const LINE = 200;

/** Reads a stream of any length and keeps its hash and its end. */
export class OutputTail {
  readonly #hash = createHash('sha256');
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #dropped = false;

  /** @param limit bytes that are kept of the end */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    this.#hash.update(chunk);
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > 2 * this.#limit) this.#shorten();
  }

  /** The end as text; begins with `…` if something before it is missing. {@link add} must not be called afterwards. */
  finish(): { readonly sha256: string; readonly text: string } {
    this.#shorten();
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return { sha256: this.#hash.digest('hex'), text: this.#dropped ? `…${text}` : text };
  }

  #shorten(): void {
    if (this.#size <= this.#limit) return;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole.subarray(whole.length - this.#limit)];
    this.#size = this.#limit;
    this.#dropped = true;
  }
}

/** The last lines of a text that are not empty, without control characters. */
export function lastLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(/\x1b\[[\d;]*m/g, '')
        .replace(/[\0-\x1f\x7f]+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
    .slice(-LINES)
    .map((line) => (line.length > LINE ? `${line.slice(0, LINE - 1)}…` : line));
}
