import {
  groupSites,
  isFailure,
  OUTCOMES,
  type Outcome,
  type SweepRun,
  type SweepState,
  type SweptSite,
  summarise,
} from '@ordeal/node';
import type { FailedSite, ReportedSite, SweepReport } from '@ordeal/ui';
import { counted } from '../render/number.js';
import { lostWords } from '../render/power-loss.js';
import { shellWords } from '../render/shell-words.js';
import { baselineWords, everyRequest, howWords, subjectRows } from '../render/sweep.js';
import { doubts, resultWords } from '../render/sweep-summary.js';
import { span } from '../render/time.js';
import { FULL_VERSION } from '../version.js';

/** Sites that are shown with what the program said last; of more, the number is told. */
const MOST = 200;

/** The report of a sweep, whole or in part. Pure. */
export function sweepReport(state: SweepState): SweepReport {
  const { subject, baseline, runs, elapsedMs } = state;
  const summary = summarise(runs, baseline);
  const sites = groupSites(runs);
  const outcomes = OUTCOMES.filter((outcome) => summary.runsByOutcome[outcome]).reverse();
  const failed = sites.filter(({ outcome }) => isFailure(outcome));
  return {
    title: `${everyRequest(subject)}${howWords(subject)}`,
    outcome: { kind: summary.ok ? 'ok' : 'failed', words: resultWords(state, summary) },
    facts: [
      ...subjectRows(subject),
      ['without', baselineWords(baseline, subject.how)],
      ['kernel', `Linux ${subject.kernel}`],
      ['lasted', span(elapsedMs)],
      ['Ordeal', FULL_VERSION],
    ],
    outcomes,
    sites: sites.map((site) => reportedSite(site, outcomes)),
    failures: failed.slice(0, MOST).map((site) => failedSite(site, state)),
    notes: [
      ...doubts(summary),
      ...(failed.length > MOST ? [`Of ${counted(failed.length, 'bad site')}, ${MOST} are shown whole.`] : []),
    ],
    request: JSON.stringify(JSON.parse(subject.request), undefined, 2),
    repeat: commandLine(state),
  };
}

function reportedSite(site: SweptSite, outcomes: readonly Outcome[]): ReportedSite {
  return {
    place: placeOf(site),
    failed: isFailure(site.outcome),
    counts: outcomes.map((outcome) => site.outcomes[outcome] ?? 0),
    words: `run ${site.example.n}${said(site.example)}`,
  };
}

function failedSite(site: SweptSite, state: SweepState): FailedSite {
  const { example, runs } = site;
  const { n, outcome, cut, lastLines, kernelLog, thread } = example;
  const who = thread === '' ? '' : `, in ${thread}`;
  return {
    title: `run ${n}: ${outcome}${said(example)}`,
    place: `${placeOf(site)}${who}; ${counted(runs.length, 'run')} failed here`,
    repeat: commandLine(state, ['--only', String(n)]),
    lost: cut ? lostWords(cut) : [],
    lastLines,
    kernelLog,
  };
}

function placeOf({ stack }: SweptSite): string {
  return stack.length === 0 ? 'unknown stack' : stack.join(' < ');
}

function said({ words }: SweepRun): string {
  return words === '' ? '' : `, ${words}`;
}

function commandLine({ again, subject }: SweepState, flags: readonly string[] = []): string {
  return ['sudo', again ?? 'ordeal sweep', ...flags, '--', shellWords(subject.command)].join(' ');
}
