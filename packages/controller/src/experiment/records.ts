import type { ContainerRecord, Injection, RecordEvent } from '../api/kinds.js';
import type { Target } from '../select/select-targets.js';

/** Older events of a record are dropped. */
const MAX_EVENTS = 10;

/** The record of a target without events. */
export function newRecord({ namespace, pod, podUID, nodeName, container }: Target): ContainerRecord {
  return {
    id: `${namespace}/${pod}/${container}`,
    selectorKey: '.',
    phase: 'Not Injected',
    injectedCount: 0,
    recoveredCount: 0,
    podUID,
    nodeName,
  };
}

/** The parts of a record's id. */
export function targetOf({ id, podUID, nodeName }: ContainerRecord): Target {
  const [namespace = '', pod = '', container = ''] = id.split('/');
  return { namespace, pod, podUID, nodeName, container };
}

/** The record updated with the agent's report on its pod; the same object if nothing changed. */
export function observed(
  record: ContainerRecord,
  injection: Injection | undefined,
  timestamp: string,
): ContainerRecord {
  const { container } = targetOf(record);
  const seen = injection?.status?.containers?.find(({ name }) => name === container);
  const phase = seen?.phase ?? 'Not Injected';
  const recovering = injection === undefined || injection.metadata.deletionTimestamp !== undefined;
  if (phase !== record.phase) {
    const operation = phase === 'Injected' ? 'Apply' : 'Recover';
    const counts =
      phase === 'Injected'
        ? { injectedCount: record.injectedCount + 1 }
        : { recoveredCount: record.recoveredCount + 1 };
    return withEvent({ ...record, phase, ...counts }, { type: 'Succeeded', operation, timestamp });
  }
  const { message } = seen ?? {};
  if (message === undefined || recovering !== (phase === 'Injected')) return record;
  return withEvent(record, {
    type: 'Failed',
    operation: recovering ? 'Recover' : 'Apply',
    message,
    timestamp,
  });
}

/** The same failure is not recorded twice in a row. */
function withEvent(record: ContainerRecord, event: RecordEvent): ContainerRecord {
  const events = record.events ?? [];
  const last = events.at(-1);
  if (event.type === 'Failed' && last?.type === 'Failed' && last.message === event.message) return record;
  return { ...record, events: [...events, event].slice(-MAX_EVENTS) };
}
