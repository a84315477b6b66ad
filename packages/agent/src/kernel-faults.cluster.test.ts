import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { injections, kernelChaos, runController } from '@ordeal/controller';
import { installCrds } from '@ordeal/controller/testing';
import { type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { type LabContainer, LabNode } from './testing/lab-node.js';

/** Of each engine one, with its usual runtime. */
const ENGINES = { 'of-containerd': 'containerd', 'of-cri-o': 'CRI-O' } as const;
const ABSENT = 'mount: mounting none on /none failed: No such file or directory';
const NO_MEMORY = 'mount: mounting none on /none failed: Cannot allocate memory';

let client: KubeClient;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

test('allocations under mount(2) fail in pods of containerd and of CRI-O until the KernelChaos is deleted', async (t) => {
  const namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  const containers: LabContainer[] = [];
  for (const [name, engine] of Object.entries(ENGINES)) {
    const spec = { nodeName, containers: [{ name: 'app', image: 'none' }] };
    const { metadata } = await client.create(pods, { metadata: { namespace, name }, spec });
    containers.push({ pod: { namespace, name, uid: metadata.uid }, container: 'app', engine });
  }
  const node = new LabNode(
    nodeName,
    containers,
    (pod) => `while usleep 100000; do echo "${pod} $(mount -t tmpfs none /none 2>&1)"; done`,
  );
  const stop = new AbortController();
  const controller = runController(client, { scope: { namespace }, onError: () => {} }, stop.signal);
  t.after(async () => {
    stop.abort();
    await controller;
    await node.close();
  });
  const bothSay = (line: string) => Promise.all(Object.keys(ENGINES).map((pod) => node.says(pod, line, 2)));
  await bothSay(ABSENT);

  const ref = { namespace, name: 'no-memory' };
  const failKernRequest = { callchain: [{ funcname: '__x64_sys_mount' }], failtype: 0 };
  await client.create(kernelChaos, { metadata: ref, spec: { mode: 'all', selector: {}, failKernRequest } });
  await bothSay(NO_MEMORY);
  const seen = await until(client, kernelChaos, ref, (object) =>
    object?.status?.conditions?.some(({ type, status }) => type === 'AllInjected' && status === 'True'),
  );
  assert.equal(seen?.status?.targets, '2/2');
  await until(client, kernelChaos, ref, (object) => (object?.status?.faults ?? 0) > 0);

  await client.delete(kernelChaos, ref);
  await until(client, kernelChaos, ref, (object) => object === undefined);
  for await (const { metadata } of client.list(injections, { namespace })) assert.fail(metadata.name);
  await bothSay(ABSENT);
});
