import { type KubeClient, type OwnerReference, type Resource, refOf } from '@ordeal/kube';
import type { ExperimentObject } from '../api/kinds.js';
import { PAUSE } from './desired-phase.js';

/** How the copy of an experiment differs from it, and how it is known. */
export interface CopyOptions {
  readonly spec: ExperimentObject['spec'];
  /** Besides those of the experiment. */
  readonly labels?: { readonly [name: string]: string };
  readonly ownerReferences?: readonly OwnerReference[];
  /** Whether an object of its name is the copy, and not that of a user. */
  readonly isCopy: (object: ExperimentObject) => boolean;
}

/**
 * The object that is carried out in place of an experiment, with its name and namespace: created if missing, paused, resumed and
 * prolonged with it.
 *
 * @returns undefined if there is another object of that name
 * @throws ApiError
 */
export async function keepCopy(
  client: KubeClient,
  resource: Resource<ExperimentObject>,
  { metadata: { namespace, name, labels, annotations } }: ExperimentObject,
  { spec, labels: more, ownerReferences, isCopy }: CopyOptions,
): Promise<ExperimentObject | undefined> {
  const pause = annotations?.[PAUSE];
  const copy = await client.find(resource, { namespace, name });
  if (copy === undefined) {
    const metadata = {
      namespace,
      name,
      labels: { ...labels, ...more },
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(pause === undefined ? {} : { annotations: { [PAUSE]: pause } }),
    };
    return client.create(resource, { metadata, spec });
  }
  if (!isCopy(copy)) return undefined;
  const isSame = copy.metadata.annotations?.[PAUSE] === pause && copy.spec.duration === spec.duration;
  if (isSame) return copy;
  return client.patch(resource, refOf(copy), {
    metadata: { annotations: { [PAUSE]: pause ?? null } },
    spec: { duration: spec.duration ?? null },
  });
}
