import { hostname, release } from 'node:os';
import { documentTexts } from '@ordeal/experiment';
import type { Outcome, Report } from '@ordeal/ui';
import { counted } from '../render/number.js';
import { shellWords } from '../render/shell-words.js';
import { span } from '../render/time.js';
import { FULL_VERSION } from '../version.js';
import type { RunRecorder } from './run-recorder.js';

/** What a report contains besides the events of its run. */
export interface RunContext {
  /** The files' texts. */
  readonly sources: Iterable<string>;
  /** The command line that repeats it. */
  readonly repeat: string;
  readonly command: readonly string[] | undefined;
  /** Why the run failed; undefined if it did not. */
  readonly failure: string | undefined;
}

/** The report of a foreground run. @param now milliseconds since 1970 */
export function runReport(
  recorder: RunRecorder,
  { sources, repeat, command, failure }: RunContext,
  now: number,
): Report {
  const { began, experiments, faults, story, processes } = recorder;
  const since = began === undefined ? now : Date.parse(began);
  return {
    title: experiments.map(({ name }) => name).join(', ') || 'ordeal run',
    outcome: outcomeOf(recorder, failure),
    facts: [...(command ? [['command', shellWords(command)] as const] : []), ...hostFacts(since, now)],
    experiments,
    faults,
    story,
    processes,
    documents: [...sources].flatMap(documentTexts),
    repeat,
  };
}

/** The host, the time and the versions. */
export function hostFacts(since: number, until: number): (readonly [string, string])[] {
  return [
    ['host', `${hostname()}, Linux ${release()}`],
    ['started', `${new Date(since).toISOString().replace('T', ' ').slice(0, 19)} UTC`],
    ['lasted', span(until - since)],
    ['Ordeal', FULL_VERSION],
  ];
}

function outcomeOf({ ended }: RunRecorder, failure: string | undefined): Outcome {
  if (failure !== undefined) return { kind: 'failed', words: `the run failed: ${failure}` };
  if (ended?.endedEarly) return { kind: 'failed', words: 'the run failed: faults ended before their time' };
  const faults = counted(ended?.faults ?? 0n, 'fault');
  if (!ended || ended.exitCode === 0) return { kind: 'ok', words: faults };
  return { kind: 'failed', words: `${faults}, exit code ${ended.exitCode}` };
}
