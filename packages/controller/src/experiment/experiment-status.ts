import type {
  ContainerRecord,
  ExperimentObject,
  ExperimentPhase,
  ExperimentStatus,
  Injection,
} from '../api/kinds.js';
import { type Answer, conditionsAfter } from './conditions.js';
import type { Desired } from './desired-phase.js';

/** The input of the status. */
export interface Findings {
  readonly desired: Desired;
  /** Undefined until targets are selected. */
  readonly records: readonly ContainerRecord[] | undefined;
  /** Why nothing was selected. */
  readonly obstacle?: { readonly reason: string; readonly message: string } | undefined;
  /** Those of this experiment that exist. */
  readonly injections: readonly Injection[];
  /** Those of them whose agents have not lifted the faults for a while. */
  readonly late: readonly Injection[];
}

/** The status of an experiment, with the conditions and records of the existing system. */
export function experimentStatus(
  object: ExperimentObject,
  findings: Findings,
  timestamp: string,
): ExperimentStatus {
  const { desired, records, injections } = findings;
  const { generation } = object.metadata;
  const { phase, message } = summary(findings);
  return {
    phase,
    targets: `${injectedOf(records)}/${records?.length ?? 0}`,
    faults: faultsOf(object.status, injections),
    message,
    conditions: conditionsAfter(object.status?.conditions, answers(findings), generation, timestamp),
    experiment: {
      desiredPhase: desired.phase,
      ...(records === undefined ? {} : { containerRecords: records }),
    },
  };
}

/** The status of an experiment that is not carried out. */
export function refusedStatus(
  object: ExperimentObject,
  reason: string,
  message: string,
  timestamp: string,
): ExperimentStatus {
  const status = withoutTargets(object, 'Refused', reason, message, timestamp);
  return { ...status, experiment: { desiredPhase: 'Stop' } };
}

/** The status of an experiment that a Schedule of its name starts repeatedly. */
export function repeatedStatus(object: ExperimentObject, timestamp: string): ExperimentStatus {
  const message = `Schedule ${object.metadata.name} starts it; experiments are named after it`;
  return withoutTargets(object, 'Scheduled', 'Scheduled', message, timestamp);
}

function withoutTargets(
  object: ExperimentObject,
  phase: ExperimentPhase,
  reason: string,
  message: string,
  timestamp: string,
): ExperimentStatus {
  const selected: Answer = { type: 'Selected', status: false, reason, message };
  const { conditions } = object.status ?? {};
  return {
    phase,
    targets: '0/0',
    faults: 0,
    message,
    conditions: conditionsAfter(conditions, [selected], object.metadata.generation, timestamp),
  };
}

function summary({ desired, records, obstacle, injections, late }: Findings): {
  phase: ExperimentPhase;
  message: string;
} {
  const injected = injectedOf(records);
  if (desired.phase === 'Run') {
    if (records === undefined) return { phase: 'Selecting', message: obstacle?.message ?? '' };
    if (injected < records.length) return { phase: 'Injecting', message: waitingFor(injections, late) };
    return { phase: 'Running', message: records.length === 0 ? 'random-max-percent selected no pod' : '' };
  }
  if (injected > 0 || injections.length > 0) {
    return { phase: 'Recovering', message: waitingFor(injections, late) };
  }
  if (desired.reason === 'Paused') return { phase: 'Paused', message: '' };
  return { phase: 'Finished', message: '' };
}

function answers({ desired, records, obstacle, injections, late }: Findings): Answer[] {
  const injected = injectedOf(records);
  const total = records?.length ?? 0;
  const run = desired.phase === 'Run';
  const all = run && records !== undefined && injected === total;
  const none = !run && injected === 0 && injections.length === 0;
  const count = `${injected} of ${total} targets are under faults`;
  const waiting = waitingFor(injections, late);
  const detail = waiting === '' ? count : `${count}; ${waiting}`;
  return [
    records === undefined
      ? {
          type: 'Selected',
          status: false,
          reason: obstacle?.reason ?? desired.reason,
          message: obstacle?.message ?? 'nothing was selected',
        }
      : { type: 'Selected', status: true, reason: 'Selected', message: `${total} containers` },
    {
      type: 'AllInjected',
      status: all,
      reason: all ? 'Injected' : run ? (failureOf(injections)?.reason ?? 'Injecting') : desired.reason,
      message: all ? count : detail,
    },
    {
      type: 'AllRecovered',
      status: none,
      reason: none ? desired.reason : run ? 'Running' : (failureOf(injections)?.reason ?? 'Recovering'),
      message: none ? count : detail,
    },
    {
      type: 'Paused',
      status: desired.reason === 'Paused',
      reason: desired.reason === 'Paused' ? 'Paused' : 'NotPaused',
      message: '',
    },
  ];
}

function injectedOf(records: readonly ContainerRecord[] = []): number {
  return records.filter(({ phase }) => phase === 'Injected').length;
}

/** The first agent's message, if any. */
function failureOf(injections: readonly Injection[]): { reason: string; message: string } | undefined {
  for (const { spec, status, metadata } of injections) {
    const wanted = metadata.deletionTimestamp === undefined ? 'Injected' : 'Not Injected';
    for (const { name, phase, reason, message } of status?.containers ?? []) {
      if (phase === wanted || reason === undefined) continue;
      const where = `${spec.pod.namespace}/${spec.pod.name}/${name}`;
      return { reason, message: `${where}: ${message ?? reason}` };
    }
  }
  return undefined;
}

function waitingFor(injections: readonly Injection[], late: readonly Injection[]): string {
  const failure = failureOf(injections);
  if (failure !== undefined) return failure.message;
  if (late.length > 0) return `waiting for the agent of ${nodesOf(late)} to lift the faults`;
  const silent = injections.filter(({ status }) => status === undefined);
  return silent.length === 0 ? '' : `waiting for the agent of ${nodesOf(silent)}`;
}

function nodesOf(injections: readonly Injection[]): string {
  const nodes = [...new Set(injections.map(({ spec }) => spec.nodeName))];
  const more = nodes.length > 3 ? ` and ${nodes.length - 3} more` : '';
  return `${nodes.slice(0, 3).join(', ')}${more}`;
}

/** Deleted Injections take their counters with them; the sum must not decrease. */
function faultsOf(before: ExperimentStatus | undefined, injections: readonly Injection[]): number {
  const now = injections.reduce((sum, { status }) => sum + (status?.faults ?? 0), 0);
  return Math.max(before?.faults ?? 0, now);
}
