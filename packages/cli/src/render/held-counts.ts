import { type Experiment, parseDocuments, scheduledExperiment } from '@ordeal/experiment';
import { type Counters, faultWords, sumCounters } from '@ordeal/kernel-chaos';
import { addCounts, type Counts, NO_COUNTS, type RunStatus, type Status } from '@ordeal/supervisor';
import { END_REASONS } from './held-run.js';
import { counted } from './number.js';
import { type EventOf, type RunView, renderCounters, renderOutcome } from './run.js';
import { span } from './time.js';
import { whyNoIoFault, whyNot } from './why-not.js';

/**
 * The live line of a run, as in `ordeal run`.
 *
 * @param now milliseconds since 1970
 * @param recent see {@link renderCounters}
 */
export function renderHeldCounters(
  run: RunStatus,
  view: RunView,
  now: number,
  recent: readonly number[] = [],
): string {
  return renderCounters(
    {
      type: 'counters',
      at: new Date(now).toISOString(),
      experiment: run.name,
      ...countersOf(run.injections),
      elapsedMs: now - run.since,
      remainingMs: run.deadline === undefined ? undefined : Math.max(0, run.deadline - now),
    },
    view,
    recent,
  );
}

/** The result of a run: for each document, its faults, or why there were none. Whole lines. */
export function renderHeldOutcome(run: RunStatus, view: RunView): string {
  const { ended, since, injections, documents, fired } = run;
  if (!ended) return '';
  const head = `lifted after ${span(ended.at - since)}${END_REASONS[ended.reason]}`;
  const parts = documents.flatMap((document) => parseDocuments(document, '').experiments);
  const own = (name: string) => injections.filter(({ experiment }) => experiment === name);
  const told = parts.filter(({ kind, name }) => kind !== 'Schedule' || own(name).length > 0);
  const outcomes = told.map((part) => {
    const prefix = parts.length > 1 ? `${part.name}: ` : '';
    const outcome = outcomeOf(part, own(part.name));
    return `${prefix}${renderOutcome(outcome, outcome.whyNot, view)}`;
  });
  const left = injections.flatMap((injection) => injection.left);
  const notes = left.map((line) => `${view.paint('aside', `note: not moved back: ${line}`)}\n`);
  const painted = view.paint(ended.early ? 'failed' : 'lifted', head);
  // Of its earlier starts, a Schedule keeps only the number of faults.
  const scheduled = parts.some(({ kind }) => kind === 'Schedule');
  const several = scheduled || outcomes.length !== 1 ? `${counted(fired, 'fault')}\n` : '';
  return `${painted}: ${several}${outcomes.join('')}${notes.join('')}`;
}

/** The result of one document. */
export interface HeldOutcome extends Pick<EventOf<'lifted'>, 'counters' | 'methods' | 'sites'> {
  /** Why no fault happened; undefined if one did. */
  readonly whyNot: string | undefined;
}

/** Of one document with all of its targets. */
export function outcomeOf(part: Experiment, injections: readonly Status[]): HeldOutcome {
  const counts = countersOf(injections);
  const experiment = part.kind === 'Schedule' ? scheduledExperiment(part) : part;
  const sites = injections.flatMap((injection) => injection.sites);
  if (experiment.kind === 'IOChaos')
    return { methods: [], ...counts, sites, whyNot: whyNoIoFault(counts.counters) };
  const { failKernRequest } = experiment.spec;
  const { callchain, probability } = failKernRequest;
  const question = {
    faultFunction: faultWords(failKernRequest).function,
    innermost: callchain.at(-1)?.funcname,
    probability,
  };
  const byFaults = sites.toSorted((one, other) => other.faults - one.faults);
  return { ...counts, sites: byFaults, whyNot: whyNot(counts.counters, question) };
}

/** By method, too, if all are I/O faults. */
function countersOf(injections: readonly Status[]): {
  readonly counters: Counters;
  readonly methods?: Counts['methods'];
} {
  const sum = injections.reduce((total, { counts }) => addCounts(total, counts), NO_COUNTS);
  const kernel = Object.entries(sum.kernel).map(([name, count]) => [name, BigInt(count)]);
  const counters: Counters = {
    ...sumCounters([]),
    ...Object.fromEntries(kernel),
    reached: BigInt(sum.reached),
    fired: BigInt(sum.fired),
  };
  const io = injections.length > 0 && injections.every(({ kind }) => kind === 'IOChaos');
  return io ? { counters: { ...counters, matched: counters.reached }, methods: sum.methods } : { counters };
}
