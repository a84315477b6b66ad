import type { ExperimentObject } from '@ordeal/controller';
import type { EventObject } from '@ordeal/kube';

/** One entry of the history of an experiment. */
export interface StoryLine {
  /** RFC 3339. */
  readonly time: string;
  /** The experiment itself when undefined, else `namespace/pod/container`. */
  readonly target: string | undefined;
  readonly failed: boolean;
  readonly what: string;
}

const OPERATIONS = { Apply: 'injected', Recover: 'recovered' } as const;

/**
 * The history, oldest first: from the records of the status, which last as long as the object, and from its events,
 * which the API server drops after an hour. Pure.
 */
export function storyOf(object: ExperimentObject, events: readonly EventObject[]): StoryLine[] {
  const lines: StoryLine[] = [
    { time: object.metadata.creationTimestamp, target: undefined, failed: false, what: 'created' },
  ];
  for (const { id, events: happened = [] } of object.status?.experiment?.containerRecords ?? []) {
    for (const { type, operation, message, timestamp } of happened) {
      const failed = type === 'Failed';
      const what = failed ? `not ${OPERATIONS[operation]}: ${message ?? ''}` : OPERATIONS[operation];
      lines.push({ time: timestamp, target: id, failed, what });
    }
  }
  for (const { involvedObject, type, reason, message, count, lastTimestamp } of events) {
    // Failures at a target are in its record.
    if (involvedObject.uid !== object.metadata.uid || reason === 'Failed') continue;
    const times = count > 1 ? ` (${count} times)` : '';
    lines.push({
      time: lastTimestamp,
      target: undefined,
      failed: type === 'Warning',
      what: `${reason}: ${message}${times}`,
    });
  }
  return lines.sort((a, b) => a.time.localeCompare(b.time));
}
