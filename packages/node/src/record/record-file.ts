import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { asJson, OrdealError } from '@ordeal/diagnostics';
import type { RunEvent } from '../run-event.js';
import type { RecordHeader } from './record-header.js';

/** What a replay has no use for. */
const LEFT_OUT: ReadonlySet<RunEvent['type']> = new Set(['arming', 'counters']);

/** The record of a run, written while the run lasts: each line is in the file when the next event comes. Its owner closes it. */
export class RecordFile {
  readonly #path: string;
  readonly #header: RecordHeader | undefined;
  #descriptor: number | undefined;
  #closed = false;
  #failure: OrdealError | undefined;

  /** @param header undefined if the file is there, and goes on behind its end */
  constructor(path: string, header: RecordHeader | undefined) {
    this.#path = path;
    this.#header = header;
  }

  /** Opens the file now, and not with the first event. @throws OrdealError ORD-902 */
  open(): void {
    this.#descriptor ??= this.#open();
  }

  /** The first event, which comes before there are faults, opens the file. @throws OrdealError ORD-902 if it cannot be opened */
  hear(event: RunEvent): void {
    this.open();
    if (!LEFT_OUT.has(event.type)) this.#write(asJson(event));
  }

  /** Why it is not complete; undefined if nothing went wrong. The run goes on without it. */
  get failure(): OrdealError | undefined {
    return this.#failure;
  }

  /** Does nothing the second time. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined || this.#closed) return;
    this.#closed = true;
    this.#attempt(() => fdatasyncSync(descriptor));
    closeSync(descriptor);
  }

  #open(): number {
    try {
      const descriptor = openSync(this.#path, this.#header ? 'w' : 'a');
      if (this.#header) writeLine(descriptor, asJson(this.#header));
      return descriptor;
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  #write(line: string): void {
    const descriptor = this.#descriptor;
    if (descriptor !== undefined && !this.#closed) this.#attempt(() => writeLine(descriptor, line));
  }

  #attempt(action: () => void): void {
    if (this.#failure) return;
    try {
      action();
    } catch (error) {
      this.#failure = unwritable(this.#path, error);
    }
  }
}

export function unwritable(path: string, error: unknown): OrdealError {
  return new OrdealError('ORD-902', `${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
}

function writeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  for (let written = 0; written < bytes.length; )
    written += writeSync(descriptor, bytes, written, bytes.length - written);
}
