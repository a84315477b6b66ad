import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { type ExperimentObject, ioChaos, schedules } from '../api/kinds.js';
import { runController } from '../controller.js';
import { PAUSE } from '../experiment/desired-phase.js';
import { installCrds } from '../testing/install-crds.js';
import { StandInAgent } from '../testing/stand-in-agent.js';

let client: KubeClient;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

/** A schedule over one pod, with a controller and a stand-in agent. */
async function stage(t: TestContext, schedule: object, chaos: object = {}) {
  const namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  await client.create(pods, {
    metadata: { namespace, name: 'pod' },
    spec: { nodeName, containers: [{ name: 'main', image: 'none' }] },
  });
  const stop = new AbortController();
  const ended = runController(client, { scope: { namespace }, onError: () => {} }, stop.signal);
  const agent = new StandInAgent(client, namespace);
  t.after(async () => {
    stop.abort();
    await ended;
    await agent.close();
  });
  const ref = { namespace, name: 'again' };
  const fault = { mode: 'all', selector: {}, action: 'latency', delay: '1ms', volumePath: '/data' };
  await client.create(schedules, {
    metadata: ref,
    spec: { schedule: '@every 1s', type: 'IOChaos', ioChaos: { ...fault, ...chaos }, ...schedule },
  });
  return { namespace, ref };
}

/** Follows the experiments of a namespace until the condition holds; each as last seen, by name. */
async function follow(
  namespace: string,
  isEnough: (children: ReadonlyMap<string, ExperimentObject>, gone: number) => boolean,
) {
  const children = new Map<string, ExperimentObject>();
  let gone = 0;
  const watch = client.watch(ioChaos, { namespace, resourceVersion: '0', timeoutSeconds: 300 });
  for await (const { type, object } of watch) {
    if (type === 'BOOKMARK') continue;
    if (type === 'DELETED') {
      gone++;
      children.delete(object.metadata.name);
    } else children.set(object.metadata.name, object);
    if (isEnough(children, gone)) return [...children.values()];
  }
  throw new Error('the watch ended');
}

const injectedOnce = ({ status }: ExperimentObject) =>
  status?.experiment?.containerRecords?.some((record) => record.injectedCount > 0) ?? false;

test('Allow starts each one, even if others run', async (t) => {
  const { namespace, ref } = await stage(t, { concurrencyPolicy: 'Allow' }, { duration: '1h' });
  const children = await follow(namespace, (seen) => [...seen.values()].filter(injectedOnce).length >= 2);
  for (const { metadata } of children) {
    assert.match(metadata.name, /^again-[0-9a-z]+$/);
    assert.deepEqual(metadata.labels, { 'managed-by': 'again' });
    assert.equal(metadata.ownerReferences?.[0]?.name, 'again');
  }
  const schedule = await until(
    client,
    schedules,
    ref,
    (object) => (object?.status?.active?.length ?? 0) >= 2,
  );
  assert.ok(schedule?.status?.time && schedule.status.next);
});

test('Forbid waits until the earlier one is finished, and reports it', async (t) => {
  const { namespace, ref } = await stage(t, {}, { duration: '1h' });
  await until(client, schedules, ref, (object) => /is not finished$/.test(object?.status?.message ?? ''));
  const names: string[] = [];
  for await (const { metadata } of client.list(ioChaos, { namespace })) names.push(metadata.name);
  assert.equal(names.length, 1);
});

test('finished experiments are kept up to the limit', async (t) => {
  const { namespace } = await stage(t, { historyLimit: 1 }, { duration: '1s' });
  const children = await follow(namespace, (_, gone) => gone >= 2);
  assert.ok(children.filter(({ status }) => status?.phase === 'Finished').length <= 1);
});

test('a paused schedule pauses its experiments', async (t) => {
  const { namespace, ref } = await stage(t, {}, { duration: '1h' });
  await follow(namespace, (seen) => [...seen.values()].some(injectedOnce));
  await client.patch(schedules, ref, { metadata: { annotations: { [PAUSE]: 'true' } } });
  await follow(namespace, (seen) => [...seen.values()].every(({ status }) => status?.phase === 'Paused'));
  await client.patch(schedules, ref, { metadata: { annotations: { [PAUSE]: null } } });
  await follow(namespace, (seen) => [...seen.values()].some(({ status }) => status?.phase === 'Running'));
});

test('an invalid schedule reports why', async (t) => {
  const { ref } = await stage(t, { schedule: '61 * * * *' });
  const schedule = await until(client, schedules, ref, (object) => Boolean(object?.status?.message));
  assert.match(schedule?.status?.message ?? '', /61.*\[ORD-115\]/);
});
