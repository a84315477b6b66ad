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
let namespace: string;
let node: LabNode;
let controller: Promise<void>;
const stop = new AbortController();
before(async () => {
  client = await testClient();
  await installCrds(client);
  namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  const containers: LabContainer[] = [];
  for (const [name, engine] of Object.entries(ENGINES)) {
    const spec = { nodeName, containers: [{ name: 'app', image: 'none' }] };
    const { metadata } = await client.create(pods, { metadata: { namespace, name }, spec });
    containers.push({ pod: { namespace, name, uid: metadata.uid }, container: 'app', engine });
  }
  const program = (pod: string) =>
    `while usleep 100000; do echo "${pod} $(mount -t tmpfs none /none 2>&1)"; done`;
  node = new LabNode(nodeName, containers, program);
  controller = runController(client, { scope: { namespace }, onError: () => {} }, stop.signal);
});
after(async () => {
  stop.abort();
  await controller;
  await node.close();
  client.close();
});

function bothSay(line: string): Promise<unknown> {
  return Promise.all(Object.keys(ENGINES).map((pod) => node.says(pod, line, 2)));
}

async function inject(name: string, failKernRequest: object) {
  const metadata = { namespace, name };
  await client.create(kernelChaos, { metadata, spec: { mode: 'all', selector: {}, failKernRequest } });
  return metadata;
}

async function heal(ref: { readonly namespace: string; readonly name: string }): Promise<void> {
  await client.delete(kernelChaos, ref);
  await until(client, kernelChaos, ref, (object) => object === undefined);
  for await (const { metadata } of client.list(injections, { namespace })) assert.fail(metadata.name);
}

test('allocations under mount(2) fail in pods of containerd and of CRI-O until the KernelChaos is deleted', async () => {
  await bothSay(ABSENT);
  const ref = await inject('no-memory', { callchain: [{ funcname: '__x64_sys_mount' }], failtype: 0 });
  await bothSay(NO_MEMORY);
  const seen = await until(client, kernelChaos, ref, (object) =>
    object?.status?.conditions?.some(({ type, status }) => type === 'AllInjected' && status === 'True'),
  );
  assert.equal(seen?.status?.targets, '2/2');
  await until(client, kernelChaos, ref, (object) => (object?.status?.faults ?? 0) > 0);
  await heal(ref);
  await bothSay(ABSENT);
});

test("a predicate that does not fit the node's kernel is a condition, with a caret", async () => {
  const frame = {
    funcname: 'd_alloc_parallel',
    parameters: 'struct dentry *parent, const struct qstr *name',
    predicate: 'STRNCMP(name->nam, "bananas", 8)',
  };
  const ref = await inject('no-bananas', { callchain: [frame], failtype: 0 });
  const isRefused = ({ type, reason }: { type: string; reason: string }) =>
    type === 'AllInjected' && reason === 'Refused';
  const seen = await until(client, kernelChaos, ref, (object) => object?.status?.conditions?.some(isRefused));
  const { message = '' } = seen?.status?.conditions?.find(isRefused) ?? {};
  assert.match(message, /has no member 'nam'.*\[ORD-2\d\d\]\n.*"predicate": .*\n +\| +\^~~ +did you mean/);
  await heal(ref);
});
