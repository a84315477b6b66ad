import type { Schedule } from '@ordeal/experiment';
import {
  apiVersionOf,
  type EventRecorder,
  isAlreadyExists,
  isNotFound,
  type KubeClient,
  type Outcome,
  refOf,
  timestamp,
} from '@ordeal/kube';
import {
  chaosResources,
  type ExperimentObject,
  type ScheduleObject,
  type ScheduleStatus,
  schedules,
} from '../api/kinds.js';
import { readExperiment } from '../api/read-experiment.js';
import { isPaused, PAUSE } from '../experiment/desired-phase.js';
import { dueTime } from './due-time.js';

/** The label with the schedule of an experiment, as in the existing system. */
const LABEL = 'managed-by';
/** The longest value of a label. */
const LABEL_LENGTH = 63;

export interface ScheduleReconcilerOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Starts experiments when they are due. The name of an experiment is derived from its time, so that starting it
 * is idempotent.
 */
export class ScheduleReconciler {
  readonly #options: Required<ScheduleReconcilerOptions>;

  constructor(options: ScheduleReconcilerOptions) {
    this.#options = { now: Date.now, ...options };
  }

  async reconcile(seen: ScheduleObject): Promise<Outcome> {
    if (seen.metadata.deletionTimestamp !== undefined) return undefined;
    const object: ScheduleObject = { ...seen, apiVersion: apiVersionOf(schedules), kind: schedules.kind };
    const reading = readExperiment(object);
    if (!reading.ok || reading.experiment.kind !== 'Schedule') {
      await this.#writeStatus(object, { message: reading.ok ? 'not a Schedule' : reading.message });
      return undefined;
    }
    const { spec } = reading.experiment;
    const children = await this.#children(object, spec.type);
    const paused = isPaused(object.metadata);
    await this.#passPauseOn(children, spec.type, paused);
    const now = new Date(this.#options.now());
    const handled = new Date(object.status?.time ?? object.metadata.creationTimestamp);
    const { due, next } = dueTime(spec.schedule, handled, spec.startingDeadlineSeconds, now);
    let message = paused ? 'paused' : '';
    if (due !== undefined && !paused) message = await this.#start(object, spec, children, due);
    await this.#forgetHistory(children, spec);
    const active = children.filter((child) => !isFinished(child));
    await this.#writeStatus(object, {
      ...(due === undefined ? {} : { time: timestamp(due) }),
      ...(next === undefined ? {} : { next: timestamp(next) }),
      active: active.map(({ metadata }) => ({
        kind: spec.type,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
      })),
      message,
    });
    return next && { againAfterMs: Math.max(0, next.getTime() - this.#options.now()) };
  }

  /**
   * The experiments that the schedule has started, oldest first: requested from the server, because the cache may be
   * stale.
   */
  async #children({ metadata }: ScheduleObject, type: Schedule['spec']['type']): Promise<ExperimentObject[]> {
    const { namespace, name, uid } = metadata;
    const labelSelector = `${LABEL}=${labelOf(name)}`;
    const found: ExperimentObject[] = [];
    for await (const child of this.#options.client.list(chaosResources[type], { namespace, labelSelector })) {
      if (child.metadata.ownerReferences?.some((owner) => owner.uid === uid)) found.push(child);
    }
    return found.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
  }

  /** Starts the experiment for a time; returns why it was not started, if so. */
  async #start(
    object: ScheduleObject,
    { type, concurrencyPolicy }: Schedule['spec'],
    children: ExperimentObject[],
    due: Date,
  ): Promise<string> {
    const { client, events } = this.#options;
    const running = children.find((child) => !isFinished(child));
    if (concurrencyPolicy === 'Forbid' && running !== undefined) {
      const message = `nothing was started at ${timestamp(due)}: ${running.metadata.name} is not finished`;
      await events.record(object, 'Warning', 'Forbid', message);
      return message;
    }
    const { name, namespace, uid } = object.metadata;
    const owner = { apiVersion: apiVersionOf(schedules), kind: schedules.kind, name, uid };
    const template = type === 'KernelChaos' ? object.spec.kernelChaos : object.spec.ioChaos;
    const metadata = {
      namespace,
      name: `${name.slice(0, 200)}-${Math.floor(due.getTime() / 1000).toString(36)}`,
      labels: { [LABEL]: labelOf(name) },
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    };
    try {
      const spec = template as ExperimentObject['spec'];
      children.push(await client.create(chaosResources[type], { metadata, spec }));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    await events.record(object, 'Normal', 'Spawned', `started ${metadata.name}`);
    return '';
  }

  /** Running experiments are paused and resumed with their schedule. */
  async #passPauseOn(
    children: readonly ExperimentObject[],
    type: Schedule['spec']['type'],
    paused: boolean,
  ): Promise<void> {
    for (const child of children) {
      if (isPaused(child.metadata) === paused || isFinished(child)) continue;
      const patch = { metadata: { annotations: { [PAUSE]: paused ? 'true' : null } } };
      await this.#options.client.patch(chaosResources[type], refOf(child), patch);
    }
  }

  /** Deletes the oldest finished experiments beyond the limit; all of them if none is set. */
  async #forgetHistory(
    children: readonly ExperimentObject[],
    { type, historyLimit = 0 }: Schedule['spec'],
  ): Promise<void> {
    const finished = children.filter(
      (child) => isFinished(child) && child.metadata.deletionTimestamp === undefined,
    );
    for (const child of finished.slice(0, Math.max(0, finished.length - historyLimit))) {
      await this.#options.client.delete(chaosResources[type], refOf(child), { uid: child.metadata.uid });
    }
  }

  async #writeStatus(object: ScheduleObject, status: ScheduleStatus): Promise<void> {
    const before = object.status ?? {};
    const isSame = Object.entries(status).every(
      ([key, value]) => JSON.stringify(before[key as keyof ScheduleStatus]) === JSON.stringify(value),
    );
    if (isSame) return;
    const { resourceVersion } = object.metadata;
    try {
      const patch = { metadata: { resourceVersion }, status };
      await this.#options.client.patch(schedules, refOf(object), patch, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function labelOf(name: string): string {
  return name.slice(0, LABEL_LENGTH).replace(/[-.]+$/, '');
}

function isFinished({ status }: ExperimentObject): boolean {
  return status?.phase === 'Finished';
}
