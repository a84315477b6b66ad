import type { KubeClient } from './client.js';
import { type KubeObject, type Resource, refOf } from './resource.js';

/** Adds a finalizer if it is missing. @throws ApiError `Conflict` if the object has changed since it was read */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
  finalizer: string,
): Promise<T> {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return setFinalizers(client, resource, object, [...finalizers, finalizer]);
}

/** Removes finalizers if they are present. @throws ApiError `Conflict` if the object has changed since it was read */
export async function removeFinalizers<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
  isToGo: (finalizer: string) => boolean,
): Promise<T> {
  const { finalizers = [] } = object.metadata;
  const rest = finalizers.filter((finalizer) => !isToGo(finalizer));
  return rest.length === finalizers.length ? object : setFinalizers(client, resource, object, rest);
}

function setFinalizers<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
  finalizers: readonly string[],
): Promise<T> {
  const { resourceVersion } = object.metadata;
  return client.patch(resource, refOf(object), { metadata: { resourceVersion, finalizers } });
}
