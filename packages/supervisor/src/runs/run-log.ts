import { appendFileSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Refusal } from '../engine.js';
import type { Status } from '../status.js';
import type { RunEnd, RunStatus } from './run-status.js';

/** What happened to a run. Data only: the client renders the sentences. `at` is an ISO time. */
export type LogEvent = { readonly at: string } & LogEventBody;

export type LogEventBody =
  /** `taken over`: the previous supervisor died, and this one continues the run. */
  | { readonly type: 'paused' | 'resumed' | 'stopping' | 'taken over' }
  | ({ readonly type: 'started' | 'updated' } & Pick<RunStatus, 'repeat' | 'seed' | 'record'>)
  /** Nothing more is written to its record. */
  | { readonly type: 'unrecorded'; readonly refusal: Refusal }
  /** The phase of an injection has changed, or the reason of its refusal. */
  | { readonly type: 'injection'; readonly status: Status }
  | { readonly type: 'scheduled'; readonly experiment: string; readonly next: string }
  /**
   * A start of a Schedule was due, and nothing was started; `refusal` is missing if the previous start still runs or
   * the run is paused.
   */
  | { readonly type: 'skipped'; readonly experiment: string; readonly refusal?: Refusal }
  | ({ readonly type: 'ended'; readonly fired: number } & Pick<RunEnd, 'reason' | 'early'>);

/** Bytes after which a file is rotated: it becomes the older half. */
const LIMIT = 512 * 1024;

/** The events of one run on disk, one JSON line each; beyond a megabyte the oldest are dropped. */
export class RunLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A failed write is dropped: a full disk must not prevent lifting. */
  append(event: LogEvent): void {
    try {
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) >= LIMIT)
        renameSync(this.#path, this.#older);
      appendFileSync(this.#path, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    } catch {
      // Not reported, because there is no reader.
    }
  }

  /** All that is kept, oldest first. A line that was torn by a crash is left out. */
  read(): LogEvent[] {
    return [this.#older, this.#path].flatMap((path) => linesOf(path).flatMap(parse));
  }

  remove(): void {
    for (const path of [this.#path, this.#older]) rmSync(path, { force: true });
  }

  get #older(): string {
    return `${this.#path}.older`;
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

function parse(line: string): LogEvent[] {
  try {
    return [JSON.parse(line) as LogEvent];
  } catch {
    return [];
  }
}
