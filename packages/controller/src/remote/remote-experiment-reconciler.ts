import { OrdealError } from '@ordeal/diagnostics';
import {
  addFinalizer,
  apiVersionOf,
  type EventRecorder,
  isNotFound,
  type KubeClient,
  type Outcome,
  refOf,
  removeFinalizers,
  timestamp,
} from '@ordeal/kube';
import {
  type ChaosKind,
  type Condition,
  chaosResources,
  type ExperimentObject,
  type ExperimentStatus,
  type RemoteClusterObject,
} from '../api/kinds.js';
import { isSameContent } from '../api/same-content.js';
import { conditionsAfter } from '../experiment/conditions.js';
import { eventsOf } from '../experiment/experiment-events.js';
import { FINALIZER, FORCE } from '../experiment/experiment-reconciler.js';
import { keepCopy } from '../experiment/keep-copy.js';
import { type Connections, ORIGIN_LABEL } from './connections.js';

/** The condition whether the experiment is followed in its cluster. */
const CONDITION = 'RemoteFollowed';
/** How often an obstacle is retried. */
const RETRY_MS = 2_000;

export interface RemoteExperimentOptions {
  readonly client: KubeClient;
  readonly connections: Connections;
  readonly events: EventRecorder;
  readonly remoteCluster: (name: string) => RemoteClusterObject | undefined;
  /** How long a deleted experiment waits for its unreachable cluster. */
  readonly patienceMs?: number;
}

/** Why an experiment is not followed. */
class Obstacle extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Creates an experiment in its remote cluster, and copies its status back here. Never runs it here. */
export class RemoteExperimentReconciler {
  readonly #options: Required<RemoteExperimentOptions>;

  constructor(options: RemoteExperimentOptions) {
    this.#options = { patienceMs: 60_000, ...options };
  }

  async reconcile(kind: ChaosKind, seen: ExperimentObject): Promise<Outcome> {
    const { client } = this.#options;
    const resource = chaosResources[kind];
    const typed = { ...seen, apiVersion: apiVersionOf(resource), kind };
    if (seen.metadata.deletionTimestamp !== undefined) return this.#remove(kind, typed);
    const object = { ...typed, ...(await addFinalizer(client, resource, typed, FINALIZER)) };
    try {
      const copy = await this.#copyOf(kind, object);
      await this.#writeStatus(kind, object, copy.status, undefined);
      return undefined;
    } catch (error) {
      const obstacle = obstacleOf(error, nameOf(object));
      await this.#writeStatus(kind, object, object.status, obstacle);
      return { againAfterMs: RETRY_MS };
    }
  }

  async #copyOf(kind: ChaosKind, object: ExperimentObject): Promise<ExperimentObject> {
    const { namespace, name, uid } = object.metadata;
    const { remoteCluster: _here, ...spec } = object.spec;
    const copy = await keepCopy(this.#clientOf(object), chaosResources[kind], object, {
      spec,
      labels: { [ORIGIN_LABEL]: uid },
      isCopy: ({ metadata }) => metadata.labels?.[ORIGIN_LABEL] === uid,
    });
    if (copy !== undefined) return copy;
    throw new Obstacle('NameTaken', `cluster ${nameOf(object)} has another ${kind} ${namespace}/${name}`);
  }

  async #remove(kind: ChaosKind, object: ExperimentObject): Promise<Outcome> {
    const { client, events, patienceMs } = this.#options;
    const resource = chaosResources[kind];
    const { uid, deletionTimestamp = '', finalizers = [], annotations } = object.metadata;
    if (!finalizers.includes(FINALIZER)) return undefined;
    try {
      const remote = this.#clientOf(object);
      const copy = await remote.find(resource, refOf(object));
      if (copy?.metadata.labels?.[ORIGIN_LABEL] === uid) {
        if (copy.metadata.deletionTimestamp === undefined) await remote.delete(resource, refOf(copy));
        if (annotations?.[FORCE] === 'forced' && copy.metadata.annotations?.[FORCE] !== 'forced') {
          await remote.patch(resource, refOf(copy), { metadata: { annotations: { [FORCE]: 'forced' } } });
        }
        await this.#writeStatus(kind, object, copy.status, undefined);
        return { againAfterMs: RETRY_MS };
      }
    } catch (error) {
      const obstacle = obstacleOf(error, nameOf(object));
      const isLate = Date.now() - Date.parse(deletionTimestamp) >= patienceMs;
      if (!isLate && annotations?.[FORCE] !== 'forced' && obstacle.reason !== 'NoSuchCluster') {
        await this.#writeStatus(kind, object, object.status, obstacle);
        return { againAfterMs: Math.min(RETRY_MS, patienceMs) };
      }
      await events.record(object, 'Warning', obstacle.reason, `left in its cluster: ${obstacle.message}`);
    }
    const current = await client.find(resource, refOf(object));
    if (current?.metadata.uid === uid) {
      await removeFinalizers(client, resource, current, (each) => each === FINALIZER);
    }
    return undefined;
  }

  #clientOf(object: ExperimentObject): KubeClient {
    const name = nameOf(object);
    const remote = this.#options.remoteCluster(name);
    if (remote === undefined || remote.metadata.deletionTimestamp !== undefined) {
      throw new Obstacle('NoSuchCluster', `there is no RemoteCluster ${name}`);
    }
    const client = this.#options.connections.get(name);
    const installed = remote.status?.conditions?.find(({ type }) => type === 'Installed');
    if (client === undefined || installed?.status !== 'True') {
      const why = installed?.message || 'Ordeal is not installed there yet';
      throw new Obstacle(installed?.reason ?? 'NotInstalled', `cluster ${name}: ${why}`);
    }
    return client;
  }

  /** The status of the copy, and whether it is followed. */
  async #writeStatus(
    kind: ChaosKind,
    object: ExperimentObject,
    followed: ExperimentStatus | undefined,
    obstacle: Obstacle | undefined,
  ): Promise<void> {
    const { client, events } = this.#options;
    const before = object.status;
    const now = timestamp();
    const answer = {
      type: CONDITION,
      status: obstacle === undefined,
      reason: obstacle?.reason ?? 'Followed',
      message: obstacle?.message ?? `cluster ${nameOf(object)}`,
    };
    const isOther = ({ type }: Condition) => type !== CONDITION;
    const own = conditionsAfter(before?.conditions, [answer], object.metadata.generation, now);
    const status: ExperimentStatus = {
      ...followed,
      phase: followed?.phase ?? 'Selecting',
      message: obstacle?.message ?? followed?.message ?? '',
      conditions: [...(followed?.conditions ?? []).filter(isOther), ...own],
    };
    if (isSameContent(status, object.status)) return;
    try {
      await client.patch(chaosResources[kind], refOf(object), { status }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const old = before?.conditions?.find(({ type }) => type === CONDITION);
    if (obstacle !== undefined && old?.message !== answer.message) {
      await events.record(object, 'Warning', answer.reason, answer.message);
    }
    for (const [type, reason, message] of eventsOf(before, status))
      await events.record(object, type, reason, message);
  }
}

function nameOf({ spec }: ExperimentObject): string {
  return String(spec.remoteCluster);
}

function obstacleOf(error: unknown, cluster: string): Obstacle {
  if (error instanceof Obstacle) return error;
  if (!(error instanceof OrdealError)) throw error;
  const reason = error.code === 'ORD-802' ? 'Unreachable' : 'Refused';
  return new Obstacle(reason, `cluster ${cluster}: ${error.message}`);
}
