import { customResourceDefinitions } from '@ordeal/controller';
import {
  type ConnectOptions,
  connect,
  type KubeClient,
  type KubeObject,
  namespaces,
  type ObjectRef,
  type Resource,
} from '@ordeal/kube';

const crds: Resource<KubeObject & { status?: { conditions?: { type: string; status: string }[] } }> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** A client of the API server that the cluster tests run against. The caller closes it. */
export function testClient(options: ConnectOptions = {}): Promise<KubeClient> {
  const file = process.env.ORDEAL_TEST_KUBECONFIG;
  if (file === undefined) throw new Error('ORDEAL_TEST_KUBECONFIG is not set; run npm run test:cluster');
  return connect({ files: [file], ...options });
}

/** Installs the CRDs and waits until they are served. Tests that run at once do the same thing. */
export async function installCrds(client: KubeClient): Promise<void> {
  for (const crd of customResourceDefinitions()) {
    const { metadata } = crd;
    await client.apply(crds, crd, { fieldManager: 'ordeal-tests', force: true });
    await until(client, crds, metadata, (object) =>
      object?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True'),
    );
  }
}

/** Makes a namespace for one test. It stays: nothing removes namespaces where there are no controllers. */
export async function freshNamespace(
  client: KubeClient,
  labels: Record<string, string> = {},
): Promise<string> {
  const name = `test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  await client.create(namespaces, { metadata: { name, labels } });
  return name;
}

/**
 * Waits until something is true of an object, undefined where it is gone, and returns the object. Says what the object was like
 * last when the test runner gives up.
 */
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
    for await (const page of client.pages(resource, selection)) {
      resourceVersion = page.resourceVersion;
      object = page.items[0];
    }
    if (isTrue(object)) return object;
    for await (const event of client.watch(resource, { ...selection, resourceVersion, timeoutSeconds: 60 })) {
      if (event.type === 'BOOKMARK') continue;
      const seen = event.type === 'DELETED' ? undefined : event.object;
      if (isTrue(seen)) return seen;
    }
  }
}
