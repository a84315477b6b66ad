import type { InjectedContainer, Injection, InjectionStatus } from '@ordeal/controller';
import type { EndReason, Phase, Refusal, Status } from '@ordeal/supervisor';

/** What is known of one container: what the supervisor says of it, or why it was not asked to hold it. */
export type Known = { readonly status: Status } | { readonly refusal: Refusal };

/** An Injection's status as a merge patch: `null` removes what is not so any more. */
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

/**
 * What the agent says about an Injection. Says nothing of the time of writing, so that two reports can be compared. Pure.
 *
 * @param known by container name; a container that is missing has not been looked at yet
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
  if ('refusal' in known) return { name, phase: 'Not Injected', ...refused(known.refusal) };
  const { phase, refusal, ended, armings } = known.status;
  const restarts = Math.max(0, armings - 1);
  if (phase === 'active' || phase === 'paused') return { name, phase: 'Injected', restarts };
  if (phase === 'failed' && refusal) return { name, phase: 'Not Injected', restarts, ...refused(refusal) };
  const reason =
    phase === 'ended' ? ENDS[ended ?? 'target ended'] : REASONS[phase === 'failed' ? 'pending' : phase];
  return { name, phase: 'Not Injected', restarts, reason };
}

/** A reason is one word for scripts; the code is in the message, where `docs/reference/errors.md` can be asked for it. */
function refused({ code, message }: Refusal): { reason: string; message: string } {
  return { reason: 'Refused', message: `${message} [${code}]` };
}

/** All counters of all containers, by a name that says what was counted. */
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
