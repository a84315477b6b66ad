import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { type ExperimentObject, injections, ioChaos, schedules } from './api/kinds.js';
import { runController } from './controller.js';
import { PAUSE } from './experiment/desired-phase.js';
import { installCrds } from './testing/install-crds.js';
import { type Behaviour, StandInAgent } from './testing/stand-in-agent.js';

const IO = { mode: 'all', selector: {}, action: 'latency', delay: '1ms', volumePath: '/data' };
let client: KubeClient;

before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

/** A namespace with pods of a node, a controller of its own, and a stand-in for the node's agent. */
async function stage(t: TestContext, options: { pods?: number; behaviour?: Behaviour } = {}) {
  const namespace = await freshNamespace(client);
  const node = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: node } });
  const addPod = async (name: string, app = 'web') => {
    const containers = ['main', 'side'].map((container) => ({ name: container, image: 'none' }));
    await client.create(pods, {
      metadata: { namespace, name, labels: { app } },
      spec: { nodeName: node, containers },
    });
  };
  for (let i = 0; i < (options.pods ?? 2); i++) await addPod(`web-${i}`);
  const errors: string[] = [];
  const start = () => {
    const stop = new AbortController();
    const onError = (what: string, error: unknown) => errors.push(`${what}: ${error}`);
    const ended = runController(client, { scope: { namespace }, onError }, stop.signal);
    return async () => {
      stop.abort();
      await ended;
    };
  };
  let stopController = start();
  const agent = new StandInAgent(client, namespace, options.behaviour);
  t.after(async () => {
    await stopController();
    await agent.close();
  });
  const ref = (name: string) => ({ namespace, name });
  return {
    namespace,
    node,
    agent,
    errors,
    addPod,
    async restart(meanwhile: () => Promise<void>) {
      await stopController();
      await meanwhile();
      stopController = start();
    },
    create: (name: string, spec: object = {}) =>
      client.create(ioChaos, {
        metadata: ref(name),
        spec: { mode: 'all', selector: {}, action: 'latency', delay: '1ms', volumePath: '/data', ...spec },
      }),
    patch: (name: string, patch: object) => client.patch(ioChaos, ref(name), patch),
    delete: (name: string) => client.delete(ioChaos, ref(name)),
    until: (name: string, isTrue: (object: ExperimentObject | undefined) => boolean | undefined) =>
      until(client, ioChaos, ref(name), isTrue),
    async injections() {
      const found = [];
      for await (const injection of client.list(injections, { namespace })) found.push(injection);
      return found;
    },
  };
}

function condition(object: ExperimentObject | undefined, type: string) {
  return object?.status?.conditions?.find((each) => each.type === type);
}

const holds = (type: string, reason?: string) => (object: ExperimentObject | undefined) =>
  condition(object, type)?.status === 'True' &&
  (reason === undefined || condition(object, type)?.reason === reason);
const fails = (type: string, reason: string) => (object: ExperimentObject | undefined) =>
  condition(object, type)?.status === 'False' && condition(object, type)?.reason === reason;
const isGone = (object: unknown) => object === undefined;

test('faults start on the targets and end with the experiment object', async (t) => {
  const s = await stage(t);
  await s.create('slow', { containerNames: ['main', 'side'], duration: '1h' });
  const object = await s.until('slow', holds('AllInjected'));
  assert.deepEqual([object?.status?.phase, object?.status?.targets], ['Running', '4/4']);
  const { desiredPhase, containerRecords = [] } = object?.status?.experiment ?? {};
  assert.equal(desiredPhase, 'Run');
  assert.deepEqual(
    containerRecords.map(({ id, phase, injectedCount }) => `${id} ${phase} ${injectedCount}`).sort(),
    [
      `${s.namespace}/web-0/main Injected 1`,
      `${s.namespace}/web-0/side Injected 1`,
      `${s.namespace}/web-1/main Injected 1`,
      `${s.namespace}/web-1/side Injected 1`,
    ],
  );
  const [first, ...rest] = await s.injections();
  assert.equal(rest.length, 1);
  assert.deepEqual(first?.spec.ioChaos, {
    action: 'latency',
    delay: '1ms',
    percent: 100,
    volumePath: '/data',
  });
  assert.deepEqual([first?.spec.nodeName, first?.spec.containerNames], [s.node, ['main', 'side']]);
  const end = Date.parse(object?.metadata.creationTimestamp ?? '') + 3_600_000;
  assert.equal(Date.parse(first?.spec.deadline ?? ''), end);
  await s.delete('slow');
  await s.until('slow', isGone);
  assert.deepEqual(await s.injections(), []);
});

test('pause lifts the faults, and resume arms them on the same targets', async (t) => {
  const s = await stage(t, { pods: 4 });
  await s.create('half', { mode: 'fixed-percent', value: '50' });
  const before = await s.until('half', holds('AllInjected'));
  await s.patch('half', { metadata: { annotations: { [PAUSE]: 'true' } } });
  const paused = await s.until('half', holds('AllRecovered', 'Paused'));
  assert.deepEqual([paused?.status?.phase, condition(paused, 'Paused')?.status], ['Paused', 'True']);
  assert.deepEqual(await s.injections(), []);
  await s.patch('half', { metadata: { annotations: { [PAUSE]: null } } });
  const after = await s.until('half', holds('AllInjected'));
  const ids = (object: typeof before) => object?.status?.experiment?.containerRecords?.map(({ id }) => id);
  assert.equal(ids(before)?.length, 2);
  assert.deepEqual(ids(after), ids(before));
  assert.deepEqual(
    after?.status?.experiment?.containerRecords?.map((record) => record.injectedCount),
    [2, 2],
  );
});

test('the duration ends an experiment, whose object stays, and a longer one restarts it', async (t) => {
  const s = await stage(t);
  await s.create('short', { duration: '1s' });
  const ended = await s.until('short', holds('AllRecovered', 'TimeUp'));
  assert.deepEqual([ended?.status?.phase, ended?.status?.experiment?.desiredPhase], ['Finished', 'Stop']);
  assert.deepEqual(await s.injections(), []);
  await s.patch('short', { spec: { duration: '1h' } });
  await s.until('short', holds('AllInjected'));
  await s.patch('short', { spec: { duration: '2h' } });
  const moved = (await s.injections())[0];
  assert.ok(moved);
  const later = Date.parse(ended?.metadata.creationTimestamp ?? '') + 7_200_000;
  await until(client, injections, { namespace: s.namespace, name: moved.metadata.name }, (injection) => {
    return Date.parse(injection?.spec.deadline ?? '') === later;
  });
});

test('an experiment waits for pods that are created later', async (t) => {
  const s = await stage(t, { pods: 0 });
  await s.create('early', { selector: { labelSelectors: { app: 'late' } } });
  const waiting = await s.until('early', fails('Selected', 'NoPodSelected'));
  assert.equal(waiting?.status?.phase, 'Selecting');
  await s.addPod('late-0', 'late');
  assert.equal((await s.until('early', holds('AllInjected')))?.status?.targets, '1/1');
});

test('a failure of an agent is reported, and does not block deletion', async (t) => {
  const s = await stage(t, { behaviour: () => ({ reason: 'NoVolume', message: 'there is no /data' }) });
  await s.create('bad', { mode: 'one' });
  const failing = await s.until('bad', fails('AllInjected', 'NoVolume'));
  assert.match(failing?.status?.message ?? '', /^.*\/web-\d\/main: there is no \/data$/);
  const [record] = failing?.status?.experiment?.containerRecords ?? [];
  assert.deepEqual(
    record?.events?.map(({ type, operation, message }) => [type, operation, message]),
    [['Failed', 'Apply', 'there is no /data']],
  );
  s.agent.behaviour = () => 'inject';
  await s.delete('bad');
  await s.until('bad', isGone);
});

test('forced deletion works while recovery fails', async (t) => {
  const s = await stage(t);
  await s.create('stuck');
  await s.until('stuck', holds('AllInjected'));
  s.agent.behaviour = () => ({ reason: 'Busy', message: 'a process cannot be moved' });
  await s.delete('stuck');
  const failing = await s.until('stuck', fails('AllRecovered', 'Busy'));
  assert.equal(failing?.status?.phase, 'Recovering');
  await s.patch('stuck', {
    metadata: { annotations: { 'chaos-mesh.chaos-mesh.org/cleanFinalizer': 'forced' } },
  });
  await s.until('stuck', isGone);
  assert.deepEqual(await s.injections(), []);
});

test('a deleted node counts as recovered', async (t) => {
  const s = await stage(t);
  await s.create('lost');
  await s.until('lost', holds('AllInjected'));
  s.agent.behaviour = () => 'silent';
  await s.delete('lost');
  await s.until(
    'lost',
    (object) => object?.status?.message === `waiting for the agent of ${s.node} to lift the faults`,
  );
  await client.delete(nodes, { name: s.node });
  await s.until('lost', isGone);
  assert.deepEqual(await s.injections(), []);
});

test('changes while no controller runs are handled later', async (t) => {
  const s = await stage(t);
  await s.create('kept');
  await s.create('ended');
  await s.until('kept', holds('AllInjected'));
  await s.until('ended', holds('AllInjected'));
  await s.restart(async () => {
    await s.delete('ended');
    await s.create('new', { mode: 'one' });
  });
  await s.until('ended', isGone);
  await s.until('new', holds('AllInjected'));
  const kept = await s.until('kept', holds('AllInjected'));
  assert.deepEqual(
    kept?.status?.experiment?.containerRecords?.map((record) => record.injectedCount),
    [1, 1],
  );
});

test('an invalid document is refused with a reason, and can be deleted', async (t) => {
  const s = await stage(t);
  await s.create('glob', { path: '/data/[' });
  const refused = await s.until('glob', (object) => object?.status?.phase === 'Refused');
  assert.match(condition(refused, 'Selected')?.message ?? '', /^spec\.path: .*\[ORD-116\]$/);
  await s.create('far', { remoteCluster: 'moon' });
  const far = await s.until('far', (object) => object?.status?.phase === 'Refused');
  assert.equal(condition(far, 'Selected')?.reason, 'Unsupported');
  for (const name of ['glob', 'far']) {
    await s.delete(name);
    await s.until(name, isGone);
  }
  assert.deepEqual(s.errors, []);
});

test('the old field scheduler becomes a Schedule, which is deleted with the experiment', async (t) => {
  const s = await stage(t);
  const ref = { namespace: s.namespace, name: 'often' };
  await s.create('often', { duration: '500ms', scheduler: { cron: '@every 1s' } });
  await s.until('often', (object) => object?.status?.phase === 'Scheduled');
  const started = await until(client, schedules, ref, (each) => (each?.status?.active?.length ?? 0) > 0);
  const [child] = started?.status?.active ?? [];
  assert.match(child?.name ?? '', /^often-/);
  await s.patch('often', { metadata: { annotations: { [PAUSE]: 'true' } } });
  await until(client, schedules, ref, (each) => each?.metadata.annotations?.[PAUSE] === 'true');
  await s.delete('often');
  await s.until('often', isGone);
  assert.equal(await client.find(schedules, ref), undefined);
  await client.create(schedules, {
    metadata: { ...ref, name: 'taken' },
    spec: { schedule: '@every 24h', type: 'IOChaos', ioChaos: IO },
  });
  await s.create('taken', { duration: '1s', scheduler: { cron: '@every 1h' } });
  await s.until('taken', fails('Selected', 'NameTaken'));
  await s.delete('taken');
  await s.until('taken', isGone);
  assert.ok(await client.find(schedules, { ...ref, name: 'taken' }));
});

test('events report each step', async (t) => {
  const s = await stage(t);
  await s.create('told');
  await s.until('told', holds('AllInjected'));
  const events = { group: '', version: 'v1', plural: 'events', kind: 'Event', namespaced: true };
  const fieldSelector = 'involvedObject.name=told';
  const reasons = new Set<string>();
  const stop = new AbortController();
  try {
    const watch = client.watch(events, {
      namespace: s.namespace,
      fieldSelector,
      resourceVersion: '0',
      timeoutSeconds: 60,
      signal: stop.signal,
    });
    for await (const { object } of watch) {
      reasons.add((object as typeof object & { reason: string }).reason);
      if (reasons.has('Injecting') && reasons.has('Running')) break;
    }
  } finally {
    stop.abort();
  }
});
