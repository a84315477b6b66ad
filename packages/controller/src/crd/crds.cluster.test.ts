import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ApiError, isAlreadyExists, type KubeClient, namespaces } from '@ordeal/kube';
import { freshNamespace, testClient } from '@ordeal/kube/testing';
import { parseAllDocuments } from 'yaml';
import { chaosResources, injections, ioChaos, kernelChaos, schedules } from '../api/kinds.js';
import { OLD_GROUP, oldResources } from '../old-group/old-resources.js';
import { installCrds } from '../testing/install-crds.js';
import { VERSION } from './definition.js';

/** The documents of the existing system's documentation, unchanged. */
const fixtures = new URL('../../../experiment/fixtures/', import.meta.url);

let client: KubeClient;
let namespace: string;

before(async () => {
  client = await testClient();
  await installCrds(client);
  namespace = await freshNamespace(client);
});
after(() => client.close());

test('the documented manifests are accepted unchanged', async () => {
  const resources = { ...chaosResources, Schedule: schedules };
  const taken: string[] = [];
  for (const file of readdirSync(fixtures)) {
    for (const document of parseAllDocuments(readFileSync(new URL(file, fixtures), 'utf8'))) {
      const object = document.toJS();
      // Its size of 2^64 - 1 is no number of the Kubernetes API, which has 63 bits.
      if (object.metadata.name === 'read-only-look') continue;
      const into = object.metadata.namespace ?? namespace;
      await client.create(namespaces, { metadata: { name: into } }).catch((error) => {
        if (!isAlreadyExists(error)) throw error;
      });
      const { [object.kind as keyof typeof resources]: resource } = {
        ...resources,
        ...(object.apiVersion === `${OLD_GROUP}/${VERSION}` ? oldResources : {}),
      };
      const metadata = { ...object.metadata, namespace: into };
      await client.apply(resource, { ...object, metadata }, { fieldManager: 'kubectl' });
      taken.push(`${object.apiVersion} ${object.metadata.name}`);
      await client.delete(resource, metadata);
    }
  }
  for (const name of [
    'chaos-mesh.org/v1alpha1 kernel-chaos-example',
    'pingcap.com/v1alpha1 kernel-chaos-example',
    'chaos-mesh.org/v1alpha1 nightly-slab',
  ])
    assert.ok(taken.includes(name), taken.join());
});

const IO = { mode: 'one', selector: {}, action: 'latency', delay: '10ms', volumePath: '/data' };
const KERNEL = { mode: 'one', selector: {}, failKernRequest: { failtype: 0 } };

test('defaults are filled in', async () => {
  const io = await client.create(ioChaos, { metadata: { namespace, name: 'defaults' }, spec: IO });
  assert.equal(io.spec.percent, 100);
  const kernel = await client.create(kernelChaos, {
    metadata: { namespace, name: 'defaults' },
    spec: KERNEL,
  });
  assert.deepEqual(kernel.spec.failKernRequest, { failtype: 0, probability: 100, times: 0 });
});

const refused: [string, object, RegExp][] = [
  ['an unknown mode', { ...IO, mode: 'some' }, /spec.mode: Unsupported value: "some"/],
  ['no volumePath', { ...IO, volumePath: undefined }, /spec.volumePath: Required/],
  ['a relative volumePath', { ...IO, volumePath: 'data' }, /must be an absolute path/],
  ['fixed without a value', { ...IO, mode: 'fixed' }, /need a value/],
  ['fixed with 0', { ...IO, mode: 'fixed', value: '0' }, /need a value/],
  ['101 percent', { ...IO, mode: 'fixed-percent', value: '101' }, /at most 100/],
  ['a duration without a unit', { ...IO, duration: '10' }, /must be a Go duration/],
  ['no duration at all', { ...IO, duration: '0s' }, /greater than zero/],
  ['latency without delay', { ...IO, delay: undefined }, /stall belongs to action latency/],
  ['latency with errno', { ...IO, errno: 5 }, /errno belongs to action fault/],
  ['fault without errno', { ...IO, action: 'fault', delay: undefined }, /errno belongs to action fault/],
  ['fault with 0', { ...IO, action: 'fault', delay: undefined, errno: 0 }, /errno belongs to action fault/],
  [
    'jitter of a fault',
    { ...IO, action: 'fault', delay: undefined, errno: 5, jitter: '1s' },
    /jitter belongs to/,
  ],
  ['unsynced without a fault', { ...IO, unsynced: 'lose' }, /unsynced belongs to action fault/],
  ['percent above 100', { ...IO, percent: 101 }, /less than or equal to 100/],
  [
    'a number that a double cannot hold',
    { ...IO, action: 'attrOverride', delay: undefined, attr: { ino: 2 ** 60 } },
    /9007199254740991/,
  ],
];

for (const [what, spec, message] of refused) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(
      client.create(ioChaos, { metadata: { namespace, name: 'refused' }, spec: { ...spec } }),
      (error) => error instanceof ApiError && error.reason === 'Invalid' && message.test(error.message),
    );
  });
}

test('refused: an invalid failtype', async () => {
  const spec = { ...KERNEL, failKernRequest: { failtype: 3 } };
  await assert.rejects(
    client.create(kernelChaos, { metadata: { namespace, name: 'bad' }, spec }),
    /less than or equal to 2/,
  );
});

test('errors by name and by number', async () => {
  for (const errno of ['EIO', 5]) {
    const spec = { ...IO, action: 'fault', delay: undefined, errno };
    const made = await client.create(ioChaos, {
      metadata: { namespace, name: `errno-${errno}`.toLowerCase() },
      spec,
    });
    assert.equal(made.spec.errno, errno);
  }
});

test('only the duration of an experiment can be changed', async () => {
  const ref = { namespace, name: 'fixed' };
  await client.create(ioChaos, { metadata: ref, spec: IO });
  for (const change of [
    { delay: '1s' },
    { selector: { nodes: ['a'] } },
    { path: '/data/x' },
    { value: '1' },
  ]) {
    await assert.rejects(
      client.patch(ioChaos, ref, { spec: change }),
      /cannot be changed, except its duration/,
    );
  }
  assert.equal((await client.patch(ioChaos, ref, { spec: { duration: '5m' } })).spec.duration, '5m');
  assert.equal((await client.patch(ioChaos, ref, { spec: { duration: null } })).spec.duration, undefined);
});

test('a Schedule holds the experiment of its type', async () => {
  const base = { schedule: '@every 5m', concurrencyPolicy: 'Forbid' };
  const create = (name: string, spec: object) =>
    client.create(schedules, { metadata: { namespace, name }, spec: { ...base, ...spec } });
  await assert.rejects(
    create('none', { type: 'IOChaos' }),
    /needs kernelChaos and type IOChaos needs ioChaos/,
  );
  await assert.rejects(create('other', { type: 'IOChaos', kernelChaos: KERNEL }), /needs kernelChaos/);
  await assert.rejects(create('bad', { type: 'IOChaos', ioChaos: { ...IO, delay: null } }), /stall belongs/);
  const made = await create('good', { type: 'IOChaos', ioChaos: IO });
  assert.deepEqual(made.spec.ioChaos, { ...IO, percent: 100 });
});

test('injections are found by their node', async () => {
  const make = (name: string, nodeName: string) =>
    client.create(injections, {
      metadata: { namespace, name },
      spec: {
        experiment: { kind: 'KernelChaos', name: 'k', uid: 'u' },
        nodeName,
        pod: { namespace, name: 'p', uid: 'v' },
        containerNames: ['c'],
        kernelChaos: { failKernRequest: { failtype: 0 } },
      },
    });
  const ref = { namespace, name: 'on-one' };
  await make('on-one', 'one');
  await make('on-two', 'two');
  const found: string[] = [];
  const selection = { namespace, fieldSelector: 'spec.nodeName=one' };
  for await (const { metadata } of client.list(injections, selection)) found.push(metadata.name);
  assert.deepEqual(found, ['on-one']);
  await assert.rejects(client.patch(injections, ref, { spec: { nodeName: 'two' } }), /only the deadline/);
  await client.patch(injections, ref, { spec: { deadline: '2030-01-01T00:00:00Z' } });
});
