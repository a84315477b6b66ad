import type { InjectedContainer, Injection, InjectionStatus } from '@ordeal/controller';
import { type OrdealError, ProblemsError, renderObjectProblem } from '@ordeal/diagnostics';
import type { EndReason, Phase, Refusal, Status } from '@ordeal/supervisor';

/** The state of one container: the supervisor's status, or the text of why it was not applied. */
export type Known = { readonly status: Status } | { readonly refusal: string };

/** An Injection's status as a merge patch: `null` removes fields. */
export type StatusPatch = {
  readonly [field in keyof InjectionStatus]: InjectionStatus[field] | null;
};

const REASONS: Readonly<Record<Exclude<Phase, 'failed' | 'ended' | 'active' | 'paused'>, string>> = {
  pending: 'Arming',
  waiting: 'ContainerNotRunning',
};
const ENDS: Readonly<Record<EndReason, string>> = {
  deadline: 'DeadlineReached',
  'target ended': 'ContainerNotRunning',
  'kernel log': 'KernelTrouble',
};

/** Milliseconds that arming usually takes at most: then only its outcome is reported. */
const ARMING_MS = 1_000;

/** The milliseconds by which a report should wait for containers that are just being armed. Pure. */
export function reportDelay(known: ReadonlyMap<string, Known>, now: number): number {
  const waits = [...known.values()].map((each) => {
    if ('refusal' in each || each.status.phase !== 'pending') return 0;
    return Math.min(ARMING_MS, each.status.since + ARMING_MS - now);
  });
  return Math.max(0, ...waits);
}

/**
 * The agent's report on an Injection. Has no timestamp of the report, so that two reports can be compared. Pure.
 *
 * @param known by container name; a missing container has not been handled yet
 */
export function reportOf(injection: Injection, known: ReadonlyMap<string, Known>): StatusPatch {
  const containers = injection.spec.containerNames.map((name) => containerReport(name, known.get(name)));
  const trouble = containers.find(({ phase }) => phase !== 'Injected');
  const statuses = [...known.values()].flatMap((each) => ('status' in each ? [each.status] : []));
  return {
    observedGeneration: injection.metadata.generation ?? 0,
    phase: trouble ? 'Not Injected' : 'Injected',
    reason: trouble?.reason ?? null,
    message: trouble?.message ?? null,
    faults: statuses.reduce((sum, { counts }) => sum + counts.fired, 0),
    counters: countersOf(statuses),
    containers,
  };
}

function containerReport(name: string, known: Known | undefined): InjectedContainer {
  if (known === undefined) return { name, phase: 'Not Injected', reason: REASONS.pending };
  if ('refusal' in known) {
    return { name, phase: 'Not Injected', reason: 'Refused', message: known.refusal };
  }
  const { phase, refusal, ended, armings } = known.status;
  const restarts = Math.max(0, armings - 1);
  if (phase === 'active' || phase === 'paused') return { name, phase: 'Injected', restarts };
  if (phase === 'failed' && refusal) {
    return { name, phase: 'Not Injected', restarts, reason: 'Refused', message: withCode(refusal) };
  }
  const reason =
    phase === 'ended' ? ENDS[ended ?? 'target ended'] : REASONS[phase === 'failed' ? 'pending' : phase];
  return { name, phase: 'Not Injected', restarts, reason };
}

/**
 * Why a document was not applied: of its problems each, with its place.
 *
 * @param document the text that the problems' positions refer to
 */
export function refusalText(error: OrdealError, document: string): string {
  if (!(error instanceof ProblemsError)) return withCode(error);
  const errors = error.problems.filter(({ severity }) => severity === 'error');
  return errors.map((problem) => renderObjectProblem(problem, document)).join('\n');
}

/** `docs/reference/errors.md` explains the code. */
function withCode({ code, message }: Refusal): string {
  return `${message} [${code}]`;
}

/** The sums of all containers' counters, by name. */
function countersOf(statuses: readonly Status[]): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (name: string, count: number) => {
    if (count > 0) sums[name] = (sums[name] ?? 0) + count;
  };
  for (const { counts } of statuses) {
    for (const { method, reached, fired } of counts.methods) {
      add(`${method}.reached`, reached);
      add(`${method}.fired`, fired);
    }
    for (const [name, count] of Object.entries(counts.kernel)) add(name, count);
  }
  return sums;
}
