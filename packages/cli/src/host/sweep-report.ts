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

/** Milliseconds between saves during a sweep, so that one that is killed can be resumed. */
const SAVE_EVERY = 10_000;

/** @throws OrdealError ORD-902 if it cannot be read, ORD-311 if it is not the report of a sweep */
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

/** Collects the results of a sweep, and writes them to files if requested. */
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

  /** Writes the results so far. @returns the files' names */
  save(): readonly string[] {
    const { state } = this.record;
    if (this.#prefix === undefined || !state) return [];
    this.#saved = performance.now();
    const files = [
      [`${this.#prefix}.json`, stateAsJson(state)],
      [`${this.#prefix}.xml`, stateAsJunit(state)],
    ] as const;
    for (const [path, text] of files) {
      // Atomically: a later sweep resumes from the JSON.
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }
    return files.map(([path]) => path);
  }
}
