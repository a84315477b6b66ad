import type { KubeClient } from '../client.js';
import { customResourceDefinitions } from '../core.js';
import type { Draft, KubeObject } from '../resource.js';
import { until } from './until.js';

/** Installs CustomResourceDefinitions and waits until they are served. Tests that run in parallel do the same. */
export async function installDefinitions(
  client: KubeClient,
  definitions: readonly Draft<KubeObject>[],
): Promise<void> {
  for (const definition of definitions) {
    await client.apply(customResourceDefinitions, definition, { fieldManager: 'ordeal-tests', force: true });
    await until(client, customResourceDefinitions, definition.metadata, (object) =>
      object?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True'),
    );
  }
}
