import { apiVersionOf, type Draft } from '@ordeal/kube';
import { type ChaosKind, chaosResources, type ExperimentObject, type ScheduleObject } from '../api/kinds.js';
import { PAUSE } from './desired-phase.js';

/**
 * The Schedule for the field `scheduler` of an experiment, the form before the kind Schedule existed. It has the
 * experiment's name, and is paused and deleted with it.
 */
export function scheduleDraft(kind: ChaosKind, object: ExperimentObject): Draft<ScheduleObject> {
  const { name, namespace, uid, annotations } = object.metadata;
  const { scheduler, ...spec } = object.spec;
  const { cron } = scheduler as { readonly cron: string };
  const pause = annotations?.[PAUSE];
  return {
    metadata: {
      namespace,
      name,
      ...(pause === undefined ? {} : { annotations: { [PAUSE]: pause } }),
      ownerReferences: [
        { apiVersion: apiVersionOf(chaosResources[kind]), kind, name, uid, controller: true },
      ],
    },
    spec: {
      schedule: cron,
      concurrencyPolicy: 'Forbid',
      type: kind,
      [kind === 'IOChaos' ? 'ioChaos' : 'kernelChaos']: spec,
    },
  };
}

/** Whether a schedule was created from an experiment, and not by a user under the same name. */
export function isScheduleOf(schedule: ScheduleObject, { metadata }: ExperimentObject): boolean {
  return schedule.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false;
}
