import {
  addFinalizer,
  apiVersionOf,
  type EventRecorder,
  isAlreadyExists,
  isNotFound,
  type KubeClient,
  nodes,
  type Outcome,
  refOf,
  removeFinalizers,
  timestamp,
} from '@ordeal/kube';
import {
  type ChaosKind,
  type ContainerRecord,
  chaosResources,
  type ExperimentObject,
  type ExperimentStatus,
  type Injection,
  injections as injectionResource,
  schedules,
} from '../api/kinds.js';
import { readExperiment } from '../api/read-experiment.js';
import { isSameContent } from '../api/same-content.js';
import { type Scope, SelectionError } from '../select/select-pods.js';
import { selectTargets } from '../select/select-targets.js';
import { type Desired, desiredPhase } from './desired-phase.js';
import { eventsOf } from './experiment-events.js';
import { experimentStatus, refusedStatus, repeatedStatus } from './experiment-status.js';
import { inParallel } from './in-parallel.js';
import { deadlineOf, EXPERIMENT_LABEL, injectionDrafts } from './injection-draft.js';
import { isScheduleOf, scheduleDraft } from './old-scheduler.js';
import { newRecord, observed } from './records.js';

/** Holds an experiment until all faults are lifted; the name of the existing system. */
export const FINALIZER = 'chaos-mesh/records';
/** "forced" deletes an experiment whatever the state of its faults. */
export const FORCE = 'chaos-mesh.chaos-mesh.org/cleanFinalizer';
/** How often a selection without a result is retried: soon at first, then every half minute. */
const RETRY = { firstMs: 1_000, longestMs: 30_000 };
/** An injection that does not end within this time is checked repeatedly: its node may be gone. */
const GONE_CHECK_MS = 3_000;

export interface ReconcilerOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly scope: Scope;
  /** The injections of an experiment as last seen. */
  readonly injectionsOf: (uid: string) => readonly Injection[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Reconciles one experiment with its object, from any state. All state is in the
 * API: the targets in the status, which is written before anything is created from it, and the faults in Injections,
 * which exist exactly as long as the faults are wanted.
 */
export class ExperimentReconciler {
  readonly #options: Required<ReconcilerOptions>;

  constructor(options: ReconcilerOptions) {
    this.#options = { now: Date.now, ...options };
  }

  async reconcile(kind: ChaosKind, seen: ExperimentObject): Promise<Outcome> {
    const { client, now } = this.#options;
    const resource = chaosResources[kind];
    let object: ExperimentObject = typed(kind, seen);
    const { deletionTimestamp } = object.metadata;
    const reading = readExperiment(object);
    const refusal = refusalOf(reading, object);
    if (refusal === undefined && reading.ok && reading.experiment.kind === 'Schedule') {
      return this.#repeat(kind, object);
    }
    if (refusal !== undefined || !reading.ok || reading.experiment.kind === 'Schedule') {
      if (deletionTimestamp !== undefined) {
        await this.#recover(object, this.#options.injectionsOf(object.metadata.uid));
        return this.#finish(kind, object);
      }
      const [reason, message] = refusal ?? ['Invalid', ''];
      await this.#writeStatus(kind, object, refusedStatus(object, reason, message, this.#timestamp()));
      return undefined;
    }
    if (deletionTimestamp === undefined) {
      object = typed(kind, await addFinalizer(client, resource, object, FINALIZER));
    }
    const { spec } = reading.experiment;
    const desired = desiredPhase(object, spec, now());
    let records = object.status?.experiment?.containerRecords;
    let obstacle: SelectionError | undefined;
    if (records === undefined && desired.phase === 'Run') {
      try {
        records = (await selectTargets(client, spec, this.#options.scope)).map(newRecord);
      } catch (error) {
        if (!(error instanceof SelectionError)) throw error;
        obstacle = error;
      }
    }
    const injections = this.#options.injectionsOf(object.metadata.uid);
    const timestamp = this.#timestamp();
    const ofPod = new Map(injections.map((injection) => [injection.spec.pod.uid, injection]));
    const observedRecords = records?.map((record) => observed(record, ofPod.get(record.podUID), timestamp));
    const late = injections.filter((each) => this.#isLate(each.metadata.deletionTimestamp));
    const findings = { desired, records: observedRecords, obstacle, injections, late };
    const status = experimentStatus(object, findings, timestamp);
    await this.#patchStatus(kind, object, status);
    // Events must not delay the faults.
    const recorded = this.#recordEvents(object, status);
    try {
      if (desired.phase === 'Run') {
        if (observedRecords !== undefined)
          await this.#inject(kind, object, observedRecords, desired, injections);
      } else {
        await this.#recover(object, injections);
      }
    } finally {
      await recorded;
    }
    if (deletionTimestamp !== undefined) return this.#finish(kind, object);
    return this.#nextLook(object, desired, obstacle, injections);
  }

  /** An experiment with the old field `scheduler` is never injected itself: its Schedule starts copies of it. */
  async #repeat(kind: ChaosKind, seen: ExperimentObject): Promise<Outcome> {
    const { client } = this.#options;
    const schedule = await client.find(schedules, refOf(seen));
    const isOurs = schedule !== undefined && isScheduleOf(schedule, seen);
    if (seen.metadata.deletionTimestamp !== undefined) {
      if (isOurs) await client.delete(schedules, refOf(seen), { uid: schedule.metadata.uid });
      return this.#finish(kind, seen);
    }
    const object = typed(kind, await addFinalizer(client, chaosResources[kind], seen, FINALIZER));
    if (schedule !== undefined && !isOurs) {
      const message = `scheduler: there is another Schedule ${object.metadata.name}`;
      await this.#writeStatus(kind, object, refusedStatus(object, 'NameTaken', message, this.#timestamp()));
      return { againAfterMs: RETRY.longestMs };
    }
    const draft = scheduleDraft(kind, object);
    await client.apply(schedules, draft, { fieldManager: 'ordeal-controller', force: true });
    await this.#writeStatus(kind, object, repeatedStatus(object, this.#timestamp()));
    return undefined;
  }

  /** Creates the missing Injections and updates the deadlines of the others. */
  async #inject(
    kind: ChaosKind,
    object: ExperimentObject,
    records: readonly ContainerRecord[],
    { endsAt }: Desired,
    injections: readonly Injection[],
  ): Promise<void> {
    const { client } = this.#options;
    const existing = new Map(injections.map((injection) => [injection.metadata.name, injection]));
    const deadline = endsAt === undefined ? null : deadlineOf(endsAt);
    await inParallel(injectionDrafts(object, kind, records, endsAt), async (draft) => {
      const injection = existing.get(draft.metadata.name);
      if (injection === undefined) {
        await client.create(injectionResource, draft).catch((error) => {
          if (!isAlreadyExists(error)) throw error;
        });
      } else if (
        injection.metadata.deletionTimestamp === undefined &&
        (injection.spec.deadline ?? null) !== deadline
      ) {
        await client.patch(injectionResource, refOf(injection), { spec: { deadline } });
      }
    });
  }

  /** Deletes the Injections. The agents remove their finalizers when the faults are lifted. */
  async #recover(object: ExperimentObject, injections: readonly Injection[]): Promise<void> {
    const { client } = this.#options;
    const { namespace = '', uid, annotations } = object.metadata;
    if (injections.some(({ metadata }) => metadata.deletionTimestamp === undefined)) {
      await client.deleteAll(injectionResource, { namespace, labelSelector: `${EXPERIMENT_LABEL}=${uid}` });
    }
    const forced = annotations?.[FORCE] === 'forced';
    const late = injections.filter(({ metadata }) => forced || this.#isLate(metadata.deletionTimestamp));
    const gone = forced ? undefined : await this.#goneNodes(late);
    for (const injection of late) {
      if (injection.metadata.deletionTimestamp === undefined) continue;
      if (forced || gone?.has(injection.spec.nodeName)) await this.#release(injection);
    }
  }

  #isLate(deletionTimestamp: string | undefined): boolean {
    if (deletionTimestamp === undefined) return false;
    return this.#options.now() - Date.parse(deletionTimestamp) >= GONE_CHECK_MS;
  }

  /** Nothing runs any more on a node that no longer exists. */
  async #goneNodes(late: readonly Injection[]): Promise<ReadonlySet<string>> {
    const gone = new Set<string>();
    for (const name of new Set(late.map(({ spec }) => spec.nodeName))) {
      if ((await this.#options.client.find(nodes, { name })) === undefined) gone.add(name);
    }
    return gone;
  }

  async #release(injection: Injection): Promise<void> {
    try {
      await removeFinalizers(this.#options.client, injectionResource, injection, () => true);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Releases a deleted experiment once it has no Injections, or at once if it is forced. */
  async #finish(kind: ChaosKind, object: ExperimentObject): Promise<Outcome> {
    const { client } = this.#options;
    const { namespace, uid, annotations, finalizers = [] } = object.metadata;
    if (finalizers.length === 0) return undefined;
    const forced = annotations?.[FORCE] === 'forced';
    if (!forced && this.#options.injectionsOf(uid).length > 0) return { againAfterMs: GONE_CHECK_MS };
    // The cache may be stale: an Injection may have just been created.
    const labelSelector = `${EXPERIMENT_LABEL}=${uid}`;
    for await (const injection of client.list(injectionResource, { namespace, labelSelector })) {
      if (!forced) return { againAfterMs: GONE_CHECK_MS };
      await client.delete(injectionResource, refOf(injection));
      await this.#release(
        await client.get(injectionResource, refOf(injection)).catch((error) => {
          if (isNotFound(error)) return injection;
          throw error;
        }),
      );
    }
    const isToGo = (finalizer: string) => forced || finalizer === FINALIZER;
    const current = await client.find(chaosResources[kind], refOf(object));
    if (current?.metadata.uid !== uid) return undefined;
    await removeFinalizers(client, chaosResources[kind], current, isToGo);
    return undefined;
  }

  #nextLook(
    { metadata }: ExperimentObject,
    { phase, endsAt }: Desired,
    obstacle: SelectionError | undefined,
    injections: readonly Injection[],
  ): Outcome {
    const now = this.#options.now();
    const waits: number[] = [];
    if (phase === 'Run' && endsAt !== undefined) waits.push(Math.max(0, endsAt - now));
    if (phase === 'Stop' && injections.length > 0) waits.push(GONE_CHECK_MS);
    if (obstacle !== undefined) {
      const age = now - Date.parse(metadata.creationTimestamp);
      waits.push(Math.min(RETRY.longestMs, Math.max(RETRY.firstMs, age / 4)));
    }
    return waits.length === 0 ? undefined : { againAfterMs: Math.min(...waits) };
  }

  /** Writes a changed status and its events. */
  async #writeStatus(kind: ChaosKind, object: ExperimentObject, status: ExperimentStatus): Promise<void> {
    await this.#patchStatus(kind, object, status);
    await this.#recordEvents(object, status);
  }

  async #patchStatus(kind: ChaosKind, object: ExperimentObject, status: ExperimentStatus): Promise<void> {
    if (isSameContent(object.status, status)) return;
    const { resourceVersion } = object.metadata;
    const patch = { metadata: { resourceVersion }, status };
    try {
      await this.#options.client.patch(chaosResources[kind], refOf(object), patch, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Never throws. */
  async #recordEvents(object: ExperimentObject, status: ExperimentStatus): Promise<void> {
    if (isSameContent(object.status, status)) return;
    for (const [type, reason, message] of eventsOf(object.status, status)) {
      await this.#options.events.record(object, type, reason, message);
    }
  }

  #timestamp(): string {
    return timestamp(new Date(this.#options.now()));
  }
}

/** Objects of a list come without kind and apiVersion. */
function typed(kind: ChaosKind, object: ExperimentObject): ExperimentObject {
  return { ...object, apiVersion: apiVersionOf(chaosResources[kind]), kind };
}

/** Why an object is not carried out: reason and message. */
function refusalOf(
  reading: ReturnType<typeof readExperiment>,
  object: ExperimentObject,
): readonly [string, string] | undefined {
  if (!reading.ok) return ['Invalid', reading.message];
  if (object.spec.remoteCluster) {
    return ['Unsupported', 'remoteCluster: this controller was started without --remote-clusters'];
  }
  return undefined;
}
