import { injections, ioChaos } from '../../packages/controller/dist/index.js';
import { namespaces, nodes, pods } from '../../packages/kube/dist/index.js';
import { until } from '../../packages/kube/dist/testing/index.js';

const FAULT = { action: 'latency', delay: '1ms', volumePath: '/data' };
/** Requests of ours that are under way at once. */
const AT_ONCE = 8;

/** Makes nodes and pods that are only objects; the first `targets` pods are labelled in groups of `each`. */
export async function makePods(client, { namespace, nodeCount, targets, others, each }) {
  await client.create(namespaces, { metadata: { name: namespace } });
  await inParallel(nodeCount, (i) => client.create(nodes, { metadata: { name: `node-${i}` } }));
  await addPods(client, { namespace, nodeCount, from: 0, to: targets, each });
  await addPods(client, { namespace, nodeCount, from: targets, to: targets + others });
}

/** More pods; without `each` they are not targets. */
export async function addPods(client, { namespace, nodeCount, from, to, each }) {
  await inParallel(to - from, (offset) => {
    const i = from + offset;
    const labels = each === undefined ? { app: 'other' } : { app: `p${Math.floor(i / each)}`, target: 'yes' };
    const spec = { nodeName: `node-${i % nodeCount}`, containers: [{ name: 'main', image: 'none' }] };
    return client.create(pods, { metadata: { namespace, name: `pod-${i}`, labels }, spec });
  });
}

/** What the API server needs to create and update objects with one client, one after the other, in milliseconds. They stay. */
export async function rawMilliseconds(client, namespace, count) {
  const spec = {
    experiment: { kind: 'IOChaos', name: 'raw', uid: 'raw' },
    nodeName: 'node-0',
    pod: { namespace, name: 'pod-0', uid: 'raw' },
    containerNames: ['main'],
    ioChaos: FAULT,
  };
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await client.create(injections, { metadata: { namespace, name: `raw-${i}` }, spec });
  }
  for (let i = 0; i < count; i++) {
    const patch = { status: { phase: 'Injected' } };
    await client.patch(injections, { namespace, name: `raw-${i}` }, patch, { subresource: 'status' });
  }
  return performance.now() - start;
}

/** Makes an experiment over the pods of some labels, and waits until all are injected; the milliseconds that took. */
export async function injected(client, namespace, name, labelSelectors) {
  const metadata = { namespace, name };
  const start = performance.now();
  await client.create(ioChaos, { metadata, spec: { mode: 'all', selector: { labelSelectors }, ...FAULT } });
  await until(client, ioChaos, metadata, (object) => object?.status?.phase === 'Running');
  return performance.now() - start;
}

/** Deletes an experiment and waits until it is gone. */
export async function takenBack(client, namespace, name) {
  await client.delete(ioChaos, { namespace, name });
  await until(client, ioChaos, { namespace, name }, (object) => object === undefined);
}

async function inParallel(count, action) {
  const indices = Array.from({ length: count }, (_, i) => i).values();
  const work = async () => {
    for (const i of indices) await action(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
