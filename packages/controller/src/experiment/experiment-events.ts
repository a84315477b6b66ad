import type { ExperimentStatus } from '../api/kinds.js';

/** Type, reason and message of an event. */
export type EventLine = readonly ['Normal' | 'Warning', string, string];

/** The events for `kubectl describe` of a status change. */
export function eventsOf(before: ExperimentStatus | undefined, after: ExperimentStatus): EventLine[] {
  const lines: EventLine[] = [];
  const conditionOf = (status: ExperimentStatus | undefined, type: string) =>
    status?.conditions?.find((condition) => condition.type === type);
  const selected = conditionOf(after, 'Selected');
  const isTrouble = selected?.status === 'False' && selected.reason !== 'Scheduled';
  if (isTrouble && selected.message !== conditionOf(before, 'Selected')?.message) {
    lines.push(['Warning', selected.reason, selected.message ?? '']);
  }
  if (after.phase !== before?.phase && after.phase !== 'Selecting' && after.phase !== 'Refused') {
    const what = after.phase === 'Scheduled' ? after.message : `${after.targets} targets are under faults`;
    lines.push(['Normal', after.phase ?? '', what ?? '']);
  }
  const old = new Map(before?.experiment?.containerRecords?.map((record) => [record.id, record]));
  for (const record of after.experiment?.containerRecords ?? []) {
    const last = record.events?.at(-1);
    if (last?.type !== 'Failed' || last.message === old.get(record.id)?.events?.at(-1)?.message) continue;
    lines.push(['Warning', 'Failed', `${last.operation} ${record.id}: ${last.message}`]);
  }
  return lines;
}
