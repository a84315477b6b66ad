import { type Baseline, exitWords, type SweepEvent, type SweepMeans, type SweepSubject } from '@ordeal/node';
import type { Paint } from '../output/paint.js';
import { counted, grouped } from './number.js';
import { lostWords } from './power-loss.js';
import { shellWords } from './shell-words.js';
import { renderStack } from './stack.js';
import { clock, span } from './time.js';

export type SweepEventOf<T extends SweepEvent['type']> = Extract<SweepEvent, { readonly type: T }>;

/** What the text depends on besides the sweep. */
export interface SweepView {
  readonly paint: Paint;
  readonly columns: number;
}

const HOW = {
  once: ' of the command, failed one at a time',
  from: ' of the command, failed together with all that come after it',
  cut: ' before each change of the command, and after its end, one at a time',
} as const;

/** `every slab allocation`, or `every matching slab allocation` if a document selects them. */
export function everyRequest({ what, how, request }: SweepSubject): string {
  const { callchain } = JSON.parse(request) as { callchain?: readonly unknown[] };
  const which = how === 'cut' || callchain?.length === 0 ? '' : 'matching ';
  return `${how === 'cut' ? 'a' : 'every'} ${which}${what.replace(/s$/, '')}`;
}

/** The subject of the sweep, and its parameters. */
export function renderSweepStart({ subject, means, from }: SweepEventOf<'armed'>, view: SweepView): string {
  const rows = [
    ...subjectRows(subject),
    ['armed', `${meansWords(means)}, Linux ${subject.kernel}`] as const,
    ...(from === 1 ? [] : [['from', `run ${grouped(from)}, where the earlier sweep ended`] as const]),
  ];
  const head = view.paint('armed', everyRequest(subject)) + howWords(subject);
  return `${[head, ...rows.map(([name, text]) => `  ${name.padEnd(9)}${text}`)].join('\n')}\n`;
}

/** ` of the command, failed one at a time` */
export function howWords({ how }: SweepSubject): string {
  return HOW[how ?? 'once'];
}

/** The command, where its requests fail, and what is run before and after it. */
export function subjectRows({
  command,
  under,
  error,
  stdin,
  check,
  prepare,
}: SweepSubject): (readonly [name: string, text: string])[] {
  return [
    ['command', shellWords(command)],
    ...underWords(under, error).map((text, index) => [index === 0 ? 'under' : '', text] as const),
    ...(stdin === undefined ? [] : [['input', stdin] as const]),
    ...(prepare === undefined ? [] : [['before', prepare] as const]),
    ...(check === undefined ? [] : [['check', check] as const]),
  ];
}

function underWords(under: readonly string[], error: string | undefined): readonly string[] {
  return error === undefined ? under : under.map((place) => `${place}, with ${error}`);
}

function meansWords(means: SweepMeans): string {
  switch (means.kind) {
    case 'kernel':
      return `${means.mechanism} on ${means.function}`;
    case 'system calls':
      return `${means.mechanism} on ${counted(means.calls, 'system call')}`;
    case 'io':
      return 'fault file system';
  }
}

export function renderBaseline(baseline: SweepEventOf<'baseline'>, how?: SweepSubject['how']): string {
  return `  without  ${baselineWords(baseline, how)}\n\n`;
}

/** `exit 0, 13 matching requests, 86 ms` */
export function baselineWords(
  { exit, matches, elapsedMs }: Baseline,
  how: SweepSubject['how'] = 'once',
): string {
  const what = counted(matches, how === 'cut' ? 'crash state' : 'matching request');
  return `${exitWords(exit)}, ${what}, ${span(elapsedMs)}`;
}

/** The live line, without its newline: `  00:12   run 40 of about 87   2 failed   about 21 s left`. */
export function renderSweepProgress(
  { done, estimate, etaMs, failures }: SweepEventOf<'progress'>,
  elapsedMs: number,
  { paint }: SweepView,
): string {
  const parts = [
    clock(elapsedMs),
    `run ${grouped(done)} of about ${grouped(estimate)}`,
    ...(failures === 0 ? [] : [paint('failed', `${grouped(failures)} failed`)]),
    ...(done >= estimate ? [] : [`about ${span(Math.max(1, Math.round(etaMs / 1000)) * 1000)} left`]),
  ];
  return `  ${parts.join('   ')}`;
}

/** A chosen run, after its output. */
export function renderChosenRun(run: SweepEventOf<'run'>, { columns }: SweepView): string {
  const { n, outcome, words, exit, thread, elapsedMs, stack, cut, kernelLog } = run;
  const text = words === '' ? exitWords(exit) : words;
  const lines = [
    `run ${grouped(n)}: ${outcome}   ${text}   after ${span(elapsedMs)}`,
    ...(stack.length === 0 ? [] : [`  ${renderStack(stack, columns - 2)}`]),
    ...(cut ? lostWords(cut).map((line) => `  lost   ${line}`) : []),
    ...(thread === '' ? [] : [`  in ${thread}`]),
    ...kernelLog.map((line) => `  kernel log: ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The output of a chosen run, each stream with its name above. */
export function renderOutput({ stdout, stderr }: SweepEventOf<'output'>): string {
  const part = (name: string, text: string) =>
    text === '' ? '' : `--- ${name}\n${text}${text.endsWith('\n') ? '' : '\n'}`;
  return part('standard output', stdout) + part('standard error', stderr);
}
