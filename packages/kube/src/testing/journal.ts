import { EventEmitter, once } from 'node:events';

/** Lines in the order in which they were written, to wait for. */
export class Journal {
  readonly lines: string[] = [];
  readonly #events = new EventEmitter();

  add(line: string): void {
    this.lines.push(line);
    this.#events.emit('line');
  }

  /** Resolves once the line has been written, however long ago. */
  async until(line: string): Promise<void> {
    while (!this.lines.includes(line)) await once(this.#events, 'line');
  }
}
