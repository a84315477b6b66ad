import type { Channel } from './output.js';

/** Carriage return, then erase to the end of the line (ECMA-48 EL). */
const ERASE = '\r\x1b[K';
/** Seconds before the first line where lines cannot be rewritten; the second comes after ten, then one every ten. */
const FIRST = 2;
const EVERY = 10;

/**
 * A line that tells how something goes on. Where someone watches and nobody else writes, it is rewritten in place;
 * elsewhere it is printed now and then.
 */
export class LiveLine {
  readonly #channel: Channel;
  readonly #rewrite: boolean;
  readonly #now: () => number;
  #start: number | undefined;
  #due = FIRST;
  #shown = false;

  /** @param shared another program writes to the same terminal */
  constructor(channel: Channel, shared: boolean, now: () => number = () => performance.now()) {
    this.#channel = channel;
    this.#rewrite = channel.live && !shared;
    this.#now = now;
  }

  /** Shows the newest text, one line without its newline. */
  update(text: string): void {
    if (this.#rewrite) {
      this.#channel.write(ERASE + fit(text, this.#channel.columns));
      this.#shown = true;
    } else if (this.#isDue()) {
      this.#channel.write(`${text}\n`);
    }
  }

  /** Prints lasting text, whole lines, where the live line is now. */
  print(text: string): void {
    this.clear();
    this.#channel.write(text);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) this.#channel.write(ERASE);
    this.#shown = false;
  }

  #isDue(): boolean {
    this.#start ??= this.#now();
    const seconds = (this.#now() - this.#start) / 1000;
    if (seconds < this.#due) return false;
    while (this.#due <= seconds) this.#due = this.#due < EVERY ? EVERY : this.#due + EVERY;
    return true;
  }
}

/** A line that wraps cannot be erased. Escape sequences take no room. */
function fit(text: string, columns: number): string {
  const visible = text.replace(/\x1b\[\d*m/g, '');
  return visible.length < columns ? text : `${visible.slice(0, Math.max(1, columns - 2))}…`;
}
