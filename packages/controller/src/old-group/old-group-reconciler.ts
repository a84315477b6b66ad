import {
  apiVersionOf,
  type EventRecorder,
  isNotFound,
  type KubeClient,
  type Outcome,
  refOf,
  timestamp,
} from '@ordeal/kube';
import {
  type ChaosKind,
  chaosResources,
  type ExperimentObject,
  type ExperimentStatus,
} from '../api/kinds.js';
import { isSameContent } from '../api/same-content.js';
import { eventsOf } from '../experiment/experiment-events.js';
import { refusedStatus } from '../experiment/experiment-status.js';
import { keepCopy } from '../experiment/keep-copy.js';
import { oldResources } from './old-resources.js';

/** How often it is checked whether a taken name is free. */
const RETRY_MS = 5_000;

export interface OldGroupOptions {
  readonly client: KubeClient;
  readonly events: EventRecorder;
}

/**
 * Carries out the experiments of the old group: each has a copy in today's group, which it owns, and shows the copy's status. It has
 * no finalizer, so that it never outlives a controller that does not know the old group. The copy has one.
 */
export class OldGroupReconciler {
  readonly #client: KubeClient;
  readonly #events: EventRecorder;

  constructor({ client, events }: OldGroupOptions) {
    this.#client = client;
    this.#events = events;
  }

  /**
   * @param original undefined if there is none of this name
   * @param copy the object of that name in today's group, as last seen
   */
  async reconcile(
    kind: ChaosKind,
    original: ExperimentObject | undefined,
    copy: ExperimentObject | undefined,
  ): Promise<Outcome> {
    const owner = copy && ownerOf(kind, copy);
    if (copy !== undefined && owner !== undefined && owner !== original?.metadata.uid) {
      if (copy.metadata.deletionTimestamp !== undefined) return undefined;
      await this.#client.delete(chaosResources[kind], refOf(copy), { uid: copy.metadata.uid });
      return undefined;
    }
    if (original === undefined || original.metadata.deletionTimestamp !== undefined) return undefined;
    return this.#follow(kind, { ...original, apiVersion: apiVersionOf(oldResources[kind]), kind });
  }

  async #follow(kind: ChaosKind, original: ExperimentObject): Promise<Outcome> {
    const { name, uid } = original.metadata;
    const { apiVersion = '' } = original;
    const copy = await keepCopy(this.#client, chaosResources[kind], original, {
      spec: original.spec,
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
      isCopy: (object) => ownerOf(kind, object) === uid,
    });
    if (copy !== undefined) {
      if (copy.status !== undefined) await this.#writeStatus(kind, original, copy.status);
      return undefined;
    }
    const message = `there is another ${kind} ${name} of ${apiVersionOf(chaosResources[kind])}`;
    await this.#writeStatus(kind, original, refusedStatus(original, 'NameTaken', message, timestamp()));
    return { againAfterMs: RETRY_MS };
  }

  async #writeStatus(kind: ChaosKind, original: ExperimentObject, status: ExperimentStatus): Promise<void> {
    if (isSameContent(original.status, status)) return;
    try {
      await this.#client.patch(oldResources[kind], refOf(original), { status }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return;
    }
    for (const [type, reason, message] of eventsOf(original.status, status)) {
      await this.#events.record(original, type, reason, message);
    }
  }
}

/** The uid of the experiment of the old group that owns an object; undefined if none does. */
function ownerOf(kind: ChaosKind, { metadata }: ExperimentObject): string | undefined {
  const apiVersion = apiVersionOf(oldResources[kind]);
  return metadata.ownerReferences?.find((owner) => owner.apiVersion === apiVersion)?.uid;
}
