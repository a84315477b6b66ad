import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../api-error.js';
import type { KubeClient } from '../client.js';
import type { KubeObject, ObjectRef, Resource } from '../resource.js';

const AGAIN_MS = 200;

/** Waits until a condition holds for an object, undefined if it does not exist, and returns the object. */
export async function until<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  { namespace, name }: ObjectRef,
  isTrue: (object: T | undefined) => boolean | undefined,
): Promise<T | undefined> {
  const selection = { namespace, fieldSelector: `metadata.name=${name}` };
  for (;;) {
    let resourceVersion = '';
    let object: T | undefined;
    try {
      for await (const page of client.pages(resource, selection)) {
        resourceVersion = page.resourceVersion;
        object = page.items[0];
      }
    } catch (error) {
      // The server starts to serve a CRD, and asks for a retry.
      if (!(error instanceof ApiError) || error.status !== 429) throw error;
      await delay(AGAIN_MS);
      continue;
    }
    if (isTrue(object)) return object;
    for await (const event of client.watch(resource, { ...selection, resourceVersion, timeoutSeconds: 60 })) {
      if (event.type === 'BOOKMARK') continue;
      const seen = event.type === 'DELETED' ? undefined : event.object;
      if (isTrue(seen)) return seen;
    }
  }
}
