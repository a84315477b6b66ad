import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { type ExperimentObject, ioChaos, schedules } from '../api/kinds.js';
import { runController } from '../controller.js';
import { PAUSE } from '../experiment/desired-phase.js';
import { installCrds } from '../testing/install-crds.js';
import { StandInAgent } from '../testing/stand-in-agent.js';
import { oldResources } from './old-resources.js';

const old = oldResources.IOChaos;
const SPEC = {
  mode: 'all',
  selector: {},
  action: 'latency',
  delay: '1ms',
  volumePath: '/data',
  duration: '1h',
};
let client: KubeClient;

before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

/** A namespace with a pod, and a controller that knows the old group. */
async function stage(t: TestContext) {
  const namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  const containers = [{ name: 'main', image: 'none' }];
  await client.create(pods, { metadata: { namespace, name: 'web' }, spec: { nodeName, containers } });
  const start = () => {
    const stop = new AbortController();
    const options = { scope: { namespace }, oldGroup: true, onError: () => undefined };
    const ended = runController(client, options, stop.signal);
    return async () => {
      stop.abort();
      await ended;
    };
  };
  const running = { stop: start() };
  const agent = new StandInAgent(client, namespace);
  t.after(async () => {
    await running.stop();
    await agent.close();
  });
  const ref = { namespace, name: 'slow' };
  return {
    ref,
    create: (spec: object = SPEC) => client.create(old, { metadata: ref, spec: { ...spec } }),
    /** Of the old group. */
    original: (isTrue: (object: ExperimentObject | undefined) => boolean) => until(client, old, ref, isTrue),
    /** Of today's group. */
    copy: (isTrue: (object: ExperimentObject | undefined) => boolean) => until(client, ioChaos, ref, isTrue),
    async withoutController(meanwhile: () => Promise<void>) {
      await running.stop();
      await meanwhile();
      running.stop = start();
    },
  };
}

const runs = (object: ExperimentObject | undefined) => object?.status?.phase === 'Running';
const isPaused = (object: ExperimentObject | undefined) => object?.status?.phase === 'Paused';
const isGone = (object: unknown) => object === undefined;

test('an experiment of the old group runs, is paused, prolonged and deleted', async (t) => {
  const s = await stage(t);
  await s.create();
  const object = await s.original(runs);
  assert.equal(object?.status?.targets, '1/1');
  assert.equal(object?.status?.conditions?.find(({ type }) => type === 'AllInjected')?.status, 'True');
  await client.patch(old, s.ref, { metadata: { annotations: { [PAUSE]: 'true' } } });
  await s.original(isPaused);
  await client.patch(old, s.ref, { metadata: { annotations: { [PAUSE]: null } }, spec: { duration: '2h' } });
  await s.original(runs);
  const copy = await s.copy((each) => each?.spec.duration === '2h');
  assert.equal(copy?.metadata.ownerReferences?.[0]?.apiVersion, 'pingcap.com/v1alpha1');
  await client.delete(old, s.ref);
  await s.copy(isGone);
});

test('what is deleted while no controller runs is lifted by the next one', async (t) => {
  const s = await stage(t);
  await s.create();
  await s.original(runs);
  await s.withoutController(async () => {
    await client.delete(old, s.ref);
    await s.original(isGone);
    await s.create({ ...SPEC, delay: '2ms' });
  });
  await s.copy((each) => each?.spec.delay === '2ms' && runs(each));
  await s.original(runs);
});

test('an object of that name in the new group is not changed', async (t) => {
  const s = await stage(t);
  await client.create(ioChaos, { metadata: s.ref, spec: { ...SPEC, delay: '5ms' } });
  await s.copy(runs);
  await s.create();
  const refused = await s.original((each) => each?.status?.phase === 'Refused');
  assert.match(refused?.status?.message ?? '', /there is another IOChaos slow of chaos-mesh.org\/v1alpha1/);
  await client.delete(old, s.ref);
  await s.original(isGone);
  assert.equal((await s.copy(runs))?.spec.delay, '5ms');
});

test('its field scheduler becomes a Schedule', async (t) => {
  const s = await stage(t);
  await s.create({ ...SPEC, duration: '1s', scheduler: { cron: '@every 1h' } });
  await s.original((each) => each?.status?.phase === 'Scheduled');
  assert.ok(await client.find(schedules, s.ref));
  await client.delete(old, s.ref);
  await s.copy(isGone);
});
