import { FAILURES, isFailure, OUTCOMES, type Outcome, worse } from './outcome.js';
import type { Baseline, SweepRun } from './sweep-run.js';

/** All runs whose request failed under the same kernel functions. */
export interface SweptSite {
  /** Outermost function first; empty for runs whose stack the kernel could not keep. */
  readonly stack: readonly string[];
  /** The most severe of the outcomes. */
  readonly outcome: Outcome;
  /** How many runs had which outcome, only those that happened. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** The numbers of the runs. */
  readonly runs: readonly number[];
  /** The first run with the most severe outcome. */
  readonly example: SweepRun;
}

/** The result of a sweep in numbers. */
export interface SweepSummary {
  /** Runs with a fault. */
  readonly faults: number;
  readonly sites: number;
  /** Sites by their most severe outcome, only those that happened. */
  readonly sitesByOutcome: Readonly<Partial<Record<Outcome, number>>>;
  readonly runsByOutcome: Readonly<Partial<Record<Outcome, number>>>;
  /** Runs without a fault although the command had made more requests before: it is not deterministic. */
  readonly missed: number;
  /** Runs without a fault that still ended differently from the baseline. */
  readonly unsteady: number;
  /** Runs in which another I/O request failed than the one that was counted without a fault. */
  readonly shifted: number;
  /** Nothing but surviving, clean errors, and not being started. */
  readonly ok: boolean;
}

/** Groups runs with a fault by their stacks: most severe first, then in the order of their first runs. */
export function groupSites(runs: readonly SweepRun[]): SweptSite[] {
  const groups = new Map<string, (SweepRun & { outcome: Outcome })[]>();
  for (const run of runs) {
    if (!hasFault(run)) continue;
    const key = run.stack.join('<');
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const sites = [...groups.values()].flatMap((group) => {
    const outcome = group.reduce<Outcome>((worst, run) => worse(worst, run.outcome), 'survives');
    const example = group.find((run) => run.outcome === outcome);
    if (!example) return [];
    return [
      { stack: example.stack, outcome, outcomes: count(group), runs: group.map((run) => run.n), example },
    ];
  });
  return sites.sort((a, b) => OUTCOMES.indexOf(b.outcome) - OUTCOMES.indexOf(a.outcome));
}

export function summarise(runs: readonly SweepRun[], baseline: Baseline): SweepSummary {
  const sites = groupSites(runs);
  const faulty = runs.filter(hasFault);
  const others = runs.filter((run) => !hasFault(run));
  return {
    faults: faulty.length,
    sites: sites.length,
    sitesByOutcome: count(sites),
    runsByOutcome: count(faulty),
    missed: others.filter((run) => run.n <= baseline.matches).length,
    unsteady: others.filter((run) => run.words !== '').length,
    shifted: faulty.filter((run) => run.request?.shifted).length,
    ok: !faulty.some((run) => isFailure(run.outcome)),
  };
}

/** The first run of each unacceptable outcome, most severe last. */
export function firstFailures(runs: readonly SweepRun[]): SweepRun[] {
  return FAILURES.flatMap((outcome) => runs.find((run) => run.outcome === outcome) ?? []);
}

function hasFault(run: SweepRun): run is SweepRun & { outcome: Outcome } {
  return run.outcome !== 'no fault';
}

function count(all: readonly { readonly outcome: Outcome }[]): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of all) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
