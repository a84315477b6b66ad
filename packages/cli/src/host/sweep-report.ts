import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import {
  parseState,
  type SweepEvent,
  SweepRecord,
  type SweepState,
  stateAsJson,
  stateAsJunit,
} from '@ordeal/node';

/** Milliseconds between saves while a sweep goes on, so that one that is killed can be resumed. */
const SAVE_EVERY = 10_000;

/** @throws OrdealError ORD-902 where it cannot be read, ORD-311 where it is no report of a sweep */
export function readState(path: string): SweepState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OrdealError('ORD-902', `--resume: ${path} cannot be read: ${code}`);
  }
  return parseState(text, path);
}

/** Keeps what a sweep finds, and writes it to files where that was asked for. */
export class SweepReport {
  readonly record: SweepRecord;
  readonly #prefix: string | undefined;
  #saved = performance.now();

  /** @param prefix of the files' names; undefined = none are written */
  constructor(prefix: string | undefined, earlier: SweepState | undefined) {
    this.record = new SweepRecord(earlier);
    this.#prefix = prefix;
  }

  add(event: SweepEvent): void {
    this.record.add(event);
    const due = performance.now() - this.#saved >= SAVE_EVERY;
    if (event.type === 'done' || (event.type === 'run' && due)) this.save();
  }

  /** Writes what is known. @returns the files' names */
  save(): readonly string[] {
    const { state } = this.record;
    if (this.#prefix === undefined || !state) return [];
    this.#saved = performance.now();
    const files = [
      [`${this.#prefix}.json`, stateAsJson(state)],
      [`${this.#prefix}.xml`, stateAsJunit(state)],
    ] as const;
    for (const [path, text] of files) {
      // Whole or not at all: the JSON is what a later sweep goes on from.
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }
    return files.map(([path]) => path);
  }
}
