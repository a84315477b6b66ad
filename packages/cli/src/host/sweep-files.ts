import { readFileSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import {
  parseState,
  type SweepEvent,
  SweepRecord,
  type SweepState,
  stateAsJson,
  stateAsJunit,
} from '@ordeal/node';
import { renderSweepReport } from '@ordeal/ui';
import { sweepReport } from '../report/sweep-report.js';
import { replaceFile, requireWritable } from './replace-file.js';

/** Milliseconds between saves during a sweep, so that one that is killed can be resumed. */
const SAVE_EVERY = 10_000;

/** @throws OrdealError ORD-902 if it cannot be read, ORD-311 if it is not the report of a sweep */
export function readState(path: string): SweepState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OrdealError('ORD-902', `${path} cannot be read: ${code}`);
  }
  return parseState(text, path);
}

/** Collects the results of a sweep, and writes them to files if requested. */
export class SweepFiles {
  readonly record: SweepRecord;
  readonly #files: readonly SweepFile[];
  #saved = performance.now();

  /**
   * @param name of the one HTML file, or what the names of all files begin with; undefined = none are written
   * @param again the command line of a sweep of the same, before `--`
   * @throws OrdealError ORD-902 if they cannot be written
   */
  constructor(name: string | undefined, earlier: SweepState | undefined, again: string) {
    this.record = new SweepRecord(earlier, again);
    this.#files = filesOf(name);
    for (const { path } of this.#files) requireWritable(path);
  }

  add(event: SweepEvent): void {
    this.record.add(event);
    const due = performance.now() - this.#saved >= SAVE_EVERY;
    if (event.type === 'done' || (event.type === 'run' && due)) this.save();
  }

  /** Writes the results so far. @returns the files' names */
  save(): readonly string[] {
    const { state } = this.record;
    if (!state) return [];
    this.#saved = performance.now();
    // Atomically: a later sweep resumes from the JSON.
    for (const { path, render } of this.#files) replaceFile(path, render(state));
    return this.#files.map(({ path }) => path);
  }
}

interface SweepFile {
  readonly path: string;
  readonly render: (state: SweepState) => string;
}

function filesOf(name: string | undefined): readonly SweepFile[] {
  const page = (state: SweepState) => renderSweepReport(sweepReport(state));
  if (name === undefined) return [];
  if (name.endsWith('.html')) return [{ path: name, render: page }];
  return [
    { path: `${name}.html`, render: page },
    { path: `${name}.json`, render: stateAsJson },
    { path: `${name}.xml`, render: stateAsJunit },
  ];
}
