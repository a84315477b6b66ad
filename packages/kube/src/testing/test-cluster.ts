import type { KubeClient } from '../client.js';
import { type ConnectOptions, connect } from '../connect.js';
import { namespaces } from '../core.js';
import type { KubeObject, Resource } from '../resource.js';

export interface ConfigMap extends KubeObject {
  readonly data?: { readonly [key: string]: string };
}

/** The simplest kind of objects that holds something. */
export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

/** The kubeconfig of the API server that the cluster tests run against. */
export function testKubeconfig(): string {
  const file = process.env.ORDEAL_TEST_KUBECONFIG;
  if (file === undefined) throw new Error('ORDEAL_TEST_KUBECONFIG is not set; run npm run test:cluster');
  return file;
}

/** A client for it, as a cluster administrator unless another user is given. The caller closes it. */
export function testClient(options: ConnectOptions = {}): Promise<KubeClient> {
  return connect({ files: [testKubeconfig()], ...options });
}

/** Creates a namespace for one test. It stays: without controllers nothing removes namespaces. */
export async function freshNamespace(
  client: KubeClient,
  labels: Record<string, string> = {},
): Promise<string> {
  const name = `test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  await client.create(namespaces, { metadata: { name, labels } });
  return name;
}
