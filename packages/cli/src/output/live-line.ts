import type { Channel } from './output.js';

/** Carriage return, then erase to the end of the line (ECMA-48 EL). */
const ERASE = '\r\x1b[K';
/** The same for the line above (CUU). */
const ERASE_ABOVE = '\x1b[1A\x1b[K';
/** Seconds before the first line where lines cannot be rewritten; the second comes after ten, then one every ten. */
const FIRST = 2;
const EVERY = 10;

/**
 * Shows progress, one line for each thing. On a terminal that no other program writes to, the lines are rewritten in
 * place; elsewhere they are printed at intervals.
 */
export class LiveLine {
  readonly #channel: Channel;
  readonly #rewrite: boolean;
  readonly #now: () => number;
  /** If lines can be rewritten: the newest text of each. */
  readonly #texts = new Map<string, string>();
  /** Otherwise: when each began, and the second in which it is due next. */
  readonly #dues = new Map<string, { readonly start: number; due: number }>();
  #shown = 0;

  /** @param shared another program writes to the same terminal */
  constructor(channel: Channel, shared: boolean, now: () => number = () => performance.now()) {
    this.#channel = channel;
    this.#rewrite = channel.live && !shared;
    this.#now = now;
  }

  /** Shows the newest text of one thing, a line without its newline. */
  update(text: string, name = ''): void {
    if (this.#rewrite) {
      this.#texts.set(name, text);
      this.#show();
    } else if (this.#isDue(name)) {
      this.#channel.write(`${text}\n`);
    }
  }

  /** One thing has ended. */
  end(name: string): void {
    this.#dues.delete(name);
    if (this.#texts.delete(name)) this.#show();
  }

  /** Prints permanent text, whole lines, above the live lines. */
  print(text: string): void {
    this.clear();
    this.#channel.write(text);
  }

  /** Erases the lines until the next update. */
  clear(): void {
    if (this.#shown > 0) this.#channel.write(ERASE + ERASE_ABOVE.repeat(this.#shown - 1));
    this.#shown = 0;
  }

  #show(): void {
    const lines = [...this.#texts.values()].map((text) => fit(text, this.#channel.columns));
    const before = ERASE_ABOVE.repeat(Math.max(0, this.#shown - 1));
    this.#channel.write(ERASE + before + lines.join('\n'));
    this.#shown = lines.length;
  }

  #isDue(name: string): boolean {
    const entry = this.#dues.get(name) ?? { start: this.#now(), due: FIRST };
    this.#dues.set(name, entry);
    const seconds = (this.#now() - entry.start) / 1000;
    if (seconds < entry.due) return false;
    while (entry.due <= seconds) entry.due = entry.due < EVERY ? EVERY : entry.due + EVERY;
    return true;
  }
}

/** A line that wraps cannot be erased. Escape sequences have no width. */
function fit(text: string, columns: number): string {
  const visible = text.replace(/\x1b\[\d*m/g, '');
  return visible.length < columns ? text : `${visible.slice(0, Math.max(1, columns - 2))}…`;
}
