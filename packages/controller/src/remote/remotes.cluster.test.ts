import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type KubeClient, namespaces, nodes, pods, secrets } from '@ordeal/kube';
import { freshNamespace, type OwnCluster, startOwnCluster, testClient, until } from '@ordeal/kube/testing';
import { type Condition, type ExperimentObject, injections, ioChaos, remoteClusters } from '../api/kinds.js';
import { runController } from '../controller.js';
import { PAUSE } from '../experiment/desired-phase.js';
import { installCrds } from '../testing/install-crds.js';
import { StandInAgent } from '../testing/stand-in-agent.js';

const IO = { mode: 'all', selector: {}, action: 'latency', delay: '1ms', volumePath: '/data' };

/** This cluster, and another one with a controller and an agent of its own. */
let client: KubeClient;
let other: OwnCluster;
let namespace: string;
let agent: StandInAgent;
const cluster = `moon-${process.pid}`;
const stops: AbortController[] = [];
const ends: Promise<void>[] = [];

function control(of: KubeClient, withRemotes: boolean): void {
  const stop = new AbortController();
  const scope = { namespace };
  const options = { scope, remoteClusters: withRemotes, patienceMs: 2_000, onError: () => {} };
  stops.push(stop);
  ends.push(runController(of, options, stop.signal));
}

before(async () => {
  client = await testClient();
  await installCrds(client);
  namespace = await freshNamespace(client);
  other = await startOwnCluster();
  await other.client.create(namespaces, { metadata: { name: namespace } });
  const nodeName = 'far';
  await other.client.create(nodes, { metadata: { name: nodeName } });
  const containers = [{ name: 'main', image: 'none' }];
  await other.client.create(pods, { metadata: { namespace, name: 'web' }, spec: { nodeName, containers } });
  const data = { config: readFileSync(other.kubeconfig).toString('base64'), bad: btoa('users: [') };
  await client.create(secrets, { metadata: { namespace, name: 'kubeconfig' }, data });
  control(client, true);
});
after(async () => {
  for (const stop of stops) stop.abort();
  await Promise.all(ends);
  await agent?.close();
  client.close();
  await other.stop();
});

function remoteCluster(name: string, spec: object = {}) {
  const secretRef = { namespace, name: 'kubeconfig', key: 'config' };
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return { metadata: { name }, spec: { namespace: 'ordeal', version, kubeConfig: { secretRef }, ...spec } };
}

const condition = (object: { status?: { conditions?: readonly Condition[] } } | undefined, type: string) =>
  object?.status?.conditions?.find((each) => each.type === type);
const ref = (name: string) => ({ namespace, name });
const becomes = (of: KubeClient, name: string, isTrue: (object: ExperimentObject | undefined) => boolean) =>
  until(of, ioChaos, ref(name), isTrue);

test('a problem of a remote cluster is a condition with a reason', async () => {
  const secretRef = { namespace, name: 'kubeconfig', key: 'none' };
  const cases: [string, object, string][] = [
    ['no-key', { kubeConfig: { secretRef } }, 'NoAccess'],
    ['bad-key', { kubeConfig: { secretRef: { ...secretRef, key: 'bad' } } }, 'NoAccess'],
    ['version', { version: '9.9.9' }, 'NoSuchVersion'],
    ['values', { configOverride: { kernelChoas: {} } }, 'InvalidConfig'],
  ];
  for (const [kind, spec, reason] of cases) {
    const { metadata, ...rest } = remoteCluster(`${kind}-${process.pid}`, spec);
    await client.create(remoteClusters, { metadata, ...rest });
    await until(
      client,
      remoteClusters,
      metadata,
      (object) => condition(object, 'Installed')?.reason === reason,
    );
    await client.delete(remoteClusters, metadata);
    await until(client, remoteClusters, metadata, (object) => object === undefined);
  }
});

test('an experiment for a remote cluster is created there, followed, and never run here', async () => {
  await client.create(ioChaos, {
    metadata: ref('far'),
    spec: { ...IO, remoteCluster: cluster, duration: '1h' },
  });
  const waiting = await becomes(
    client,
    'far',
    (object) => condition(object, 'RemoteFollowed')?.status === 'False',
  );
  assert.equal(condition(waiting, 'RemoteFollowed')?.reason, 'NoSuchCluster');

  const overrides = { configOverride: { controller: { replicas: 1 } } };
  await client.create(remoteClusters, remoteCluster(cluster, overrides));
  await until(
    client,
    remoteClusters,
    { name: cluster },
    (object) => condition(object, 'Installed')?.status === 'True',
  );
  const deployments = {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    kind: 'Deployment',
    namespaced: true,
  };
  const installed = await other.client.get(deployments, { namespace: 'ordeal', name: 'ordeal-controller' });
  assert.equal((installed as typeof installed & { spec: { replicas: number } }).spec.replicas, 1);

  control(other.client, false);
  agent = new StandInAgent(other.client, namespace);
  const running = await becomes(
    client,
    'far',
    (object) => condition(object, 'AllInjected')?.status === 'True',
  );
  assert.deepEqual([running?.status?.phase, running?.status?.targets], ['Running', '1/1']);
  assert.equal(condition(running, 'RemoteFollowed')?.status, 'True');
  const here = [];
  for await (const injection of client.list(injections, { namespace })) here.push(injection);
  assert.deepEqual(here, []);

  await client.patch(ioChaos, ref('far'), { metadata: { annotations: { [PAUSE]: 'true' } } });
  await becomes(client, 'far', (object) => object?.status?.phase === 'Paused');
  await client.patch(ioChaos, ref('far'), {
    metadata: { annotations: { [PAUSE]: null } },
    spec: { duration: '2h' },
  });
  await becomes(client, 'far', (object) => object?.status?.phase === 'Running');
  assert.equal((await other.client.get(ioChaos, ref('far'))).spec.duration, '2h');
  await client.delete(ioChaos, ref('far'));
  await becomes(client, 'far', (object) => object === undefined);
  assert.equal(await other.client.find(ioChaos, ref('far')), undefined);
});

test('a remote object of the same name is not changed', async () => {
  await other.client.create(ioChaos, { metadata: ref('taken'), spec: IO });
  await client.create(ioChaos, { metadata: ref('taken'), spec: { ...IO, remoteCluster: cluster } });
  await becomes(client, 'taken', (object) => condition(object, 'RemoteFollowed')?.reason === 'NameTaken');
  await client.delete(ioChaos, ref('taken'));
  await becomes(client, 'taken', (object) => object === undefined);
  assert.ok(await other.client.find(ioChaos, ref('taken')));
  await other.client.delete(ioChaos, ref('taken'));
  await becomes(other.client, 'taken', (object) => object === undefined);
});

test('deleting a RemoteCluster removes everything in the remote cluster', async () => {
  await client.create(ioChaos, { metadata: ref('last'), spec: { ...IO, remoteCluster: cluster } });
  await becomes(client, 'last', (object) => object?.status?.phase === 'Running');
  await client.delete(remoteClusters, { name: cluster });
  await until(client, remoteClusters, { name: cluster }, (object) => object === undefined);
  assert.equal(await other.client.find(ioChaos, ref('last')), undefined);
  await becomes(client, 'last', (object) => condition(object, 'RemoteFollowed')?.reason === 'NoSuchCluster');
  await client.delete(ioChaos, ref('last'));
  await becomes(client, 'last', (object) => object === undefined);
});

test('an unreachable cluster blocks no deletion here', async () => {
  const name = `gone-${process.pid}`;
  await client.create(remoteClusters, remoteCluster(name));
  await until(
    client,
    remoteClusters,
    { name },
    (object) => condition(object, 'Installed')?.status === 'True',
  );
  await client.create(ioChaos, { metadata: ref('lost'), spec: { ...IO, remoteCluster: name } });
  await becomes(client, 'lost', (object) => object?.status?.phase === 'Running');
  const [, controllerThere] = stops;
  controllerThere?.abort();
  await agent.close();
  await other.stop();
  await until(
    client,
    remoteClusters,
    { name },
    (object) => condition(object, 'Installed')?.reason === 'Unreachable',
  );
  await becomes(client, 'lost', (object) => condition(object, 'RemoteFollowed')?.reason === 'Unreachable');
  await client.delete(ioChaos, ref('lost'));
  await becomes(client, 'lost', (object) => object === undefined);
  await client.delete(remoteClusters, { name });
  await until(client, remoteClusters, { name }, (object) => object === undefined);
});
