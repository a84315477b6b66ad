import {
  firstFailures,
  groupSites,
  isFailure,
  OUTCOMES,
  type Outcome,
  type SweepEnd,
  type SweepRun,
  type SweepState,
  type SweepSummary,
  type SweptSite,
  summarise,
} from '@ordeal/node';
import type { State } from '../output/paint.js';
import { counted, grouped } from './number.js';
import { shellWords } from './shell-words.js';
import { renderStack } from './stack.js';
import type { SweepView } from './sweep.js';
import { span } from './time.js';

const ENDS: Readonly<Record<SweepEnd, string>> = {
  settled: 'swept',
  most: 'stopped at --most, --resume continues',
  interrupted: 'interrupted, --resume continues',
  oops: 'stopped: the kernel cannot be trusted after an oops',
  stuck: 'stopped: a process of the command cannot be killed',
  only: 'repeated',
};

/** The result as a table, the first run of each bad outcome, and how to repeat it. @param again the command line before `--` */
export function renderSummary(state: SweepState, again: string, view: SweepView): string {
  const { runs, baseline } = state;
  const sites = groupSites(runs);
  const summary = summarise(runs, baseline);
  const inKernel = state.subject.how === undefined;
  const lines = [
    view.paint(summary.ok ? 'lifted' : 'failed', resultWords(state, summary)),
    ...OUTCOMES.flatMap((outcome) => renderRow(outcome, sites, view)),
    ...doubts(summary).map((doubt) => `  ${doubt}`),
    ...firstFailures(runs).map((run) => renderFirst(run, view)),
    ...renderRepeat(firstFailures(runs), state, again),
    ...(inKernel && !runs.some((run) => run.kernelLog.length > 0) ? ['kernel log: clean'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** `swept: 4 sites, 13 faults, 4.1 s` */
export function resultWords({ end, elapsedMs }: SweepState, { sites, faults }: SweepSummary): string {
  const how = end === undefined ? 'ended early, --resume continues' : ENDS[end];
  return `${how}: ${counted(sites, 'site')}, ${counted(faults, 'fault')}, ${span(elapsedMs)}`;
}

/** Why the result may not be the whole truth, a sentence each. */
export function doubts({ faults, missed, unsteady, shifted }: SweepSummary): string[] {
  return [
    ...(faults === 0 ? ['no request matched: there was nothing to fail'] : []),
    ...(missed === 0
      ? []
      : [`${counted(missed, 'run')} saw no fault: the command does not make the same requests every time`]),
    ...(unsteady === 0 ? [] : [`${counted(unsteady, 'run')} ended differently without a fault`]),
    ...(shifted === 0
      ? []
      : [`${counted(shifted, 'run')} failed another request than was counted there: the order shifts`]),
  ];
}

function renderRow(outcome: Outcome, all: readonly SweptSite[], { paint, columns }: SweepView): string[] {
  const sites = all.filter((site) => site.outcome === outcome);
  if (sites.length === 0) return [];
  const width = Math.max(...OUTCOMES.map((each) => all.filter((site) => site.outcome === each).length));
  const count = grouped(sites.length).padStart(grouped(width).length);
  const state: State = isFailure(outcome) ? 'failed' : 'lifted';
  const begin = `  ${outcome.padEnd(13)}${count} ${sites.length === 1 ? 'site ' : 'sites'}   `;
  const words = commonWords(sites, columns - begin.length);
  return [`  ${paint(state, outcome.padEnd(13))}${begin.slice(15)}${words}`.trimEnd()];
}

/** The most frequent text of the sites, and how many others there are. */
function commonWords(sites: readonly SweptSite[], room: number): string {
  const counts = new Map<string, number>();
  for (const { example } of sites) counts.set(example.words, (counts.get(example.words) ?? 0) + 1);
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  if (!first || first[0] === '') return '';
  const others = counts.size === 1 ? '' : `, and ${counts.size - 1} more`;
  const space = Math.max(20, room - others.length);
  const words = first[0].length <= space ? first[0] : `${first[0].slice(0, space - 1)}…`;
  return words + others;
}

function renderFirst({ n, outcome, stack }: SweepRun, { columns }: SweepView): string {
  const begin = `first ${outcome}:`.padEnd(15);
  const number = `#${n}  `;
  const place =
    stack.length === 0 ? 'unknown stack' : renderStack(stack, columns - begin.length - number.length);
  return `${begin}${number}${place}`;
}

function renderRepeat(first: readonly SweepRun[], { subject, end }: SweepState, again: string): string[] {
  if (first.length === 0 || end === 'only') return [];
  const numbers = first.map((run) => run.n).join(',');
  return [`to repeat: ${again} --only ${numbers} -- ${shellWords(subject.command)}`];
}
