import { install, installedVersion, uninstall } from '@ordeal/chart';
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
  chaosResources,
  type RemoteClusterObject,
  type RemoteClusterStatus,
  remoteClusters,
} from '../api/kinds.js';
import { isSameContent } from '../api/same-content.js';
import { conditionsAfter } from '../experiment/conditions.js';
import { type Connections, ORIGIN_LABEL } from './connections.js';

/** Holds a RemoteCluster until its installation is removed. */
const FINALIZER = 'chaos-mesh.org/remote-cluster';
/** The installation in the other cluster. */
const RELEASE = 'ordeal';
/** How often a cluster is probed. */
const LOOK_MS = 30_000;

export interface RemoteClusterOptions {
  readonly client: KubeClient;
  readonly connections: Connections;
  readonly events: EventRecorder;
  /** The version that this controller can install. */
  readonly version: string;
  /** How long a deleted RemoteCluster waits for its unreachable cluster. */
  readonly patienceMs?: number;
}

/** Why a cluster is not ready. */
interface Obstacle {
  readonly reason: string;
  readonly message: string;
}

/** Keeps Ordeal installed in a remote cluster, and uninstalls it with the RemoteCluster. */
export class RemoteClusterReconciler {
  readonly #options: Required<RemoteClusterOptions>;

  constructor(options: RemoteClusterOptions) {
    this.#options = { patienceMs: 60_000, ...options };
  }

  async reconcile(seen: RemoteClusterObject): Promise<Outcome> {
    const { client } = this.#options;
    const typed = { ...seen, apiVersion: apiVersionOf(remoteClusters), kind: remoteClusters.kind };
    if (seen.metadata.deletionTimestamp !== undefined) return this.#remove(typed);
    const object = { ...typed, ...(await addFinalizer(client, remoteClusters, typed, FINALIZER)) };
    const obstacle = await this.#install(object);
    await this.#writeStatus(object, obstacle);
    return { againAfterMs: Math.min(LOOK_MS, this.#options.patienceMs / 2) };
  }

  /** Installs the wanted version, or probes the cluster if there is nothing to do. */
  async #install(object: RemoteClusterObject): Promise<Obstacle | undefined> {
    const { connections, version } = this.#options;
    const { name, generation } = object.metadata;
    const { spec, status } = object;
    if (spec.version !== version) {
      const message = `version ${spec.version} cannot be installed: this controller installs ${version}, its own`;
      return { reason: 'NoSuchVersion', message };
    }
    try {
      const remote = await connections.connect(object);
      const isNew = status?.observedGeneration !== generation || status?.currentVersion !== version;
      if (isNew || (await installedVersion(remote, releaseOf(object))) !== version) {
        await install(remote, releaseOf(object));
      }
      connections.follow(name);
      return undefined;
    } catch (error) {
      return obstacleOf(error);
    }
  }

  async #remove(object: RemoteClusterObject): Promise<Outcome> {
    const { client, connections, events, patienceMs } = this.#options;
    const { name, deletionTimestamp = '', finalizers = [] } = object.metadata;
    if (!finalizers.includes(FINALIZER)) return undefined;
    try {
      const remote = await connections.connect(object);
      await this.#deleteCopies(remote);
      await uninstall(remote, releaseOf(object), {
        experiments: false,
        definitions: false,
        onRemoved: () => {},
        onWaiting: () => {},
      });
    } catch (error) {
      const obstacle = obstacleOf(error);
      const isGone = error instanceof OrdealError && error.code === 'ORD-806';
      const isLate = Date.now() - Date.parse(deletionTimestamp) >= patienceMs;
      // Experiments are deleted by their creator; an unreachable cluster must not keep objects here.
      const isAway = error instanceof OrdealError && (error.code === 'ORD-802' || error.code === 'ORD-803');
      if (!isGone && !(isAway && isLate)) {
        await this.#writeStatus(object, obstacle);
        return { againAfterMs: 1_000 };
      }
      if (isAway) await events.record(object, 'Warning', obstacle.reason, `not removed: ${obstacle.message}`);
    }
    await connections.close(name);
    const current = await client.find(remoteClusters, refOf(object));
    if (current !== undefined)
      await removeFinalizers(client, remoteClusters, current, (each) => each === FINALIZER);
    return undefined;
  }

  /** Copies made from here are deleted first. */
  async #deleteCopies(remote: KubeClient): Promise<void> {
    for (const resource of Object.values(chaosResources)) {
      try {
        for await (const copy of remote.list(resource, { labelSelector: ORIGIN_LABEL })) {
          await remote.delete(resource, refOf(copy), { uid: copy.metadata.uid });
        }
      } catch (error) {
        // The cluster does not have the CRD: nothing was created there.
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async #writeStatus(object: RemoteClusterObject, obstacle: Obstacle | undefined): Promise<void> {
    const { client, events, version } = this.#options;
    const { generation } = object.metadata;
    const now = timestamp();
    const { reason, message } = obstacle ?? { reason: 'Installed', message: '' };
    const answer = { type: 'Installed', status: obstacle === undefined, reason, message };
    const status: RemoteClusterStatus = {
      ...object.status,
      ...(obstacle === undefined ? { currentVersion: version, observedGeneration: generation ?? 0 } : {}),
      message,
      conditions: conditionsAfter(object.status?.conditions, [answer], generation, now),
    };
    if (isSameContent(status, object.status)) return;
    const [before] = object.status?.conditions ?? [];
    try {
      await client.patch(remoteClusters, refOf(object), { status }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (before?.reason === reason) return;
    await events.record(
      object,
      obstacle === undefined ? 'Normal' : 'Warning',
      reason,
      message || `version ${version}`,
    );
  }
}

function releaseOf({ spec }: RemoteClusterObject) {
  return { name: RELEASE, namespace: spec.namespace, values: spec.configOverride ?? {} };
}

const REASONS: { readonly [code: string]: string } = {
  'ORD-801': 'Refused',
  'ORD-802': 'Unreachable',
  'ORD-803': 'NoAccess',
  'ORD-806': 'NotInstalled',
  'ORD-807': 'InvalidConfig',
  'ORD-808': 'ForeignInstallation',
  'ORD-809': 'ExperimentsLeft',
};

function obstacleOf(error: unknown): Obstacle {
  if (!(error instanceof OrdealError)) throw error;
  const reason = REASONS[error.code];
  if (reason === undefined) throw error;
  return { reason, message: error.message };
}
