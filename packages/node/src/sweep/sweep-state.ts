import { isDeepStrictEqual } from 'node:util';
import { OrdealError } from '@ordeal/diagnostics';
import { OUTCOMES } from './outcome.js';
import { groupSites, type SweepSummary, type SweptSite, summarise } from './summarise.js';
import type { SweepEnd, SweepEvent, SweepSubject } from './sweep-event.js';
import type { Baseline, SweepRun } from './sweep-run.js';

/** The state of a sweep, whole or in part: its report, and where a later one continues. */
export interface SweepState {
  readonly format: 'ordeal-sweep/1';
  readonly subject: SweepSubject;
  readonly baseline: Baseline;
  /** By number. */
  readonly runs: readonly SweepRun[];
  /** Undefined while it runs, or if it was killed. */
  readonly end: SweepEnd | undefined;
  /** Milliseconds, those of earlier parts included. */
  readonly elapsedMs: number;
  /** The command line of a sweep of the same, before `--`. */
  readonly again?: string | undefined;
}

/** Collects the state of a sweep from its events. */
export class SweepRecord {
  readonly #earlier: SweepState | undefined;
  #subject: SweepSubject | undefined;
  #baseline: Baseline | undefined;
  readonly #runs: SweepRun[];
  #end: SweepEnd | undefined;
  #elapsedMs: number;
  readonly #again: string | undefined;

  /**
   * @param earlier the state from which the sweep continues
   * @param again the command line of a sweep of the same, before `--`
   */
  constructor(earlier: SweepState | undefined, again?: string) {
    this.#earlier = earlier;
    this.#again = again;
    this.#baseline = earlier?.baseline;
    this.#runs = [...(earlier?.runs ?? [])];
    this.#elapsedMs = earlier?.elapsedMs ?? 0;
  }

  add(event: SweepEvent): void {
    switch (event.type) {
      case 'armed':
        this.#subject = event.subject;
        return;
      case 'baseline': {
        const { type: _, ...baseline } = event;
        // Numbers of runs refer to the first one.
        this.#baseline ??= baseline;
        return;
      }
      case 'run': {
        const { type: _, ...run } = event;
        this.#runs.push(run);
        return;
      }
      case 'done':
        this.#end = event.end;
        this.#elapsedMs = (this.#earlier?.elapsedMs ?? 0) + event.elapsedMs;
    }
  }

  get runs(): readonly SweepRun[] {
    return this.#runs;
  }

  /** Undefined before the baseline is known. */
  get state(): SweepState | undefined {
    const [subject, baseline] = [this.#subject, this.#baseline];
    if (!subject || !baseline) return undefined;
    return {
      format: 'ordeal-sweep/1',
      subject,
      baseline,
      runs: this.#runs,
      end: this.#end,
      elapsedMs: this.#elapsedMs,
      again: this.#again,
    };
  }
}

/** The report as a file: the state, and for its readers the derived values. */
export function stateAsJson(state: SweepState): string {
  const summary: SweepSummary = summarise(state.runs, state.baseline);
  const sites: SweptSite[] = groupSites(state.runs);
  return `${JSON.stringify({ ...state, summary, sites }, undefined, 1)}\n`;
}

/** @param file names it in errors. @throws OrdealError ORD-311 for anything but a report of a sweep */
export function parseState(text: string, file: string): SweepState {
  const value = parsed(text);
  if (value === undefined) throw new OrdealError('ORD-311', `${file} is not JSON`);
  if (!isState(value)) throw new OrdealError('ORD-311', `${file} is not the report of a sweep`);
  const { format, subject, baseline, runs, end, elapsedMs, again } = value;
  return { format, subject, baseline, runs, end, elapsedMs, again };
}

/** @throws OrdealError ORD-311 if a sweep of `subject` cannot continue from the state, naming the difference */
export function requireSameSubject({ subject: before }: SweepState, subject: SweepSubject): void {
  for (const name of ['command', 'request', 'kernel', 'stdin', 'prepare', 'check', 'sameOutput'] as const) {
    if (isDeepStrictEqual(before[name], subject[name])) continue;
    const [was, is] = [before[name], subject[name]].map((each) => JSON.stringify(each) ?? 'nothing');
    throw new OrdealError('ORD-311', `The earlier sweep had another ${WORDS[name]}: ${was}, not ${is}`);
  }
}

const WORDS = {
  command: 'command',
  request: 'request',
  kernel: 'kernel',
  stdin: 'standard input',
  prepare: '--prepare',
  check: '--check',
  sameOutput: '--same-output',
} as const;

/** Only what later code relies on. */
function isState(value: unknown): value is SweepState {
  if (!isObject(value) || value.format !== 'ordeal-sweep/1') return false;
  const { subject, baseline, runs, elapsedMs, again } = value;
  return (
    isSubject(subject) &&
    (again === undefined || typeof again === 'string') &&
    isObject(baseline) &&
    typeof baseline.matches === 'number' &&
    (baseline.matchesOfEach === undefined || areCounts(baseline.matchesOfEach)) &&
    isObject(baseline.exit) &&
    typeof elapsedMs === 'number' &&
    Array.isArray(runs) &&
    runs.every(isRun)
  );
}

/** Undefined for anything but JSON text. */
function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSubject(value: unknown): boolean {
  return (
    isObject(value) &&
    [value.command, value.under].every(areTexts) &&
    [value.what, value.kernel].every((text) => typeof text === 'string') &&
    isObject(parsed(value.request)) &&
    [value.stdin, value.prepare, value.check].every((text) => ['string', 'undefined'].includes(typeof text))
  );
}

function isRun(value: unknown): boolean {
  return (
    isObject(value) &&
    Number.isInteger(value.n) &&
    ['no fault', ...OUTCOMES].some((outcome) => outcome === value.outcome) &&
    typeof value.words === 'string' &&
    typeof value.elapsedMs === 'number' &&
    isObject(value.exit) &&
    [value.stack, value.lastLines, value.kernelLog].every(areTexts)
  );
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function areCounts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
