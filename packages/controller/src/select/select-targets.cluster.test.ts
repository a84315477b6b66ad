import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient } from '@ordeal/kube/testing';
import { readExperiment } from '../api/read-experiment.js';
import { type Scope, SelectionError } from './select-pods.js';
import { selectTargets } from './select-targets.js';

let client: KubeClient;
let shop: string;
let bank: string;
let nodeA: string;
let nodeB: string;

before(async () => {
  client = await testClient();
  shop = await freshNamespace(client);
  bank = await freshNamespace(client);
  nodeA = `a-${shop}`;
  nodeB = `b-${shop}`;
  await client.create(nodes, { metadata: { name: nodeA, labels: { disk: shop } } });
  await client.create(nodes, { metadata: { name: nodeB } });
  await addPod(shop, 'web-0', { app: 'web', tier: 'front' }, nodeA);
  await addPod(shop, 'web-1', { app: 'web' }, nodeB, { annotations: { team: 'two words' } });
  await addPod(shop, 'db-0', { app: 'db' }, nodeB, { phase: 'Running', containers: ['db', 'log'] });
  await addPod(shop, 'done', { app: 'web' }, nodeA, { phase: 'Succeeded' });
  await addPod(shop, 'nowhere', { app: 'web' }, undefined);
  await addPod(bank, 'web-9', { app: 'web' }, nodeA);
});
after(() => client.close());

async function addPod(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  nodeName: string | undefined,
  more: { annotations?: Record<string, string>; phase?: string; containers?: string[] } = {},
) {
  const { annotations = {}, phase, containers = ['main'] } = more;
  await client.create(pods, {
    metadata: { namespace, name, labels, annotations },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      containers: containers.map((container) => ({ name: container, image: 'none' })),
    },
  });
  if (phase === undefined) return;
  await client.patch(pods, { namespace, name }, { status: { phase } }, { subresource: 'status' });
}

/** The targets that a spec chooses, by pod and container; random numbers come from a list. */
async function choose(spec: object, scope: Scope = {}, rolls: number[] = []): Promise<string[]> {
  const reading = readExperiment({
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'KernelChaos',
    metadata: { name: 'e', namespace: shop, uid: '', resourceVersion: '', creationTimestamp: '' },
    spec: { mode: 'all', selector: {}, failKernRequest: { failtype: 0 }, ...spec },
  });
  assert.ok(reading.ok, JSON.stringify(reading));
  assert.equal(reading.experiment.kind, 'KernelChaos');
  const targets = await selectTargets(client, reading.experiment.spec, scope, () => rolls.shift() ?? 0);
  return targets.map(({ pod, container }) => `${pod}/${container}`).sort();
}

const rules: [string, () => object, string[]][] = [
  ['an empty selector: the own namespace', () => ({}), ['db-0/db', 'web-0/main', 'web-1/main']],
  [
    'namespaces',
    () => ({ namespaces: [shop, bank], labelSelectors: { app: 'web' } }),
    ['web-0/main', 'web-1/main', 'web-9/main'],
  ],
  ['a namespace named twice', () => ({ namespaces: [bank, bank] }), ['web-9/main']],
  ['labels are ANDed', () => ({ labelSelectors: { app: 'web', tier: 'front' } }), ['web-0/main']],
  ['In', () => ({ expressionSelectors: [{ key: 'app', operator: 'In', values: ['db', 'x'] }] }), ['db-0/db']],
  [
    'NotIn',
    () => ({ expressionSelectors: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] }),
    ['db-0/db', 'web-1/main'],
  ],
  ['Exists', () => ({ expressionSelectors: [{ key: 'tier', operator: 'Exists' }] }), ['web-0/main']],
  [
    'DoesNotExist',
    () => ({ expressionSelectors: [{ key: 'tier', operator: 'DoesNotExist' }] }),
    ['db-0/db', 'web-1/main'],
  ],
  ['annotations of any text', () => ({ annotationSelectors: { team: 'two words' } }), ['web-1/main']],
  ['fields', () => ({ fieldSelectors: { 'spec.nodeName': nodeB, 'metadata.name': 'db-0' } }), ['db-0/db']],
  ['nodes', () => ({ nodes: [nodeB] }), ['db-0/db', 'web-1/main']],
  ['node labels', () => ({ nodeSelectors: { disk: shop } }), ['web-0/main']],
  [
    'nodes and node labels are united',
    () => ({ nodes: [nodeB], nodeSelectors: { disk: shop } }),
    ['db-0/db', 'web-0/main', 'web-1/main'],
  ],
  ['a phase', () => ({ podPhaseSelectors: ['Running'] }), ['db-0/db']],
  ['not a phase', () => ({ podPhaseSelectors: ['!Running'] }), ['web-0/main', 'web-1/main']],
  [
    'pods overrule the rest',
    () => ({ pods: { [bank]: ['web-9', 'missing'] }, labelSelectors: { app: 'db' } }),
    ['web-9/main'],
  ],
];

for (const [what, selector, expected] of rules) {
  test(`selector: ${what}`, async () => {
    assert.deepEqual(await choose({ selector: selector() }), expected);
  });
}

const refused: [string, () => object, Scope | (() => Scope), string][] = [
  ['no pod', () => ({ selector: { labelSelectors: { app: 'none' } } }), {}, 'NoPodSelected'],
  [
    'only pods that cannot be injected',
    () => ({ selector: { pods: { [shop]: ['done', 'nowhere'] } } }),
    {},
    'NoPodSelected',
  ],
  ['a node that does not exist', () => ({ selector: { nodes: ['missing'] } }), {}, 'NoSuchNode'],
  [
    'node labels that no node has',
    () => ({ selector: { nodeSelectors: { disk: 'none' } } }),
    {},
    'NoPodSelected',
  ],
  ['no such container', () => ({ containerNames: ['none'] }), {}, 'NoContainerSelected'],
  [
    'a namespace out of scope',
    () => ({ selector: { namespaces: [bank] } }),
    () => ({ namespace: shop }),
    'OutOfScope',
  ],
  ['a namespace that has not opted in', () => ({}), { optIn: true }, 'NoPodSelected'],
];

for (const [what, spec, scope, reason] of refused) {
  test(`nothing to select: ${what}`, async () => {
    await assert.rejects(choose(spec(), typeof scope === 'function' ? scope() : scope), (error) => {
      return error instanceof SelectionError && error.reason === reason;
    });
  });
}

test('namespaces opt in by annotation', async () => {
  const name = await freshNamespace(client, {});
  await addPod(name, 'in', {}, nodeA);
  const selector = { namespaces: [name, shop] };
  await client.patch(
    { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false },
    { name },
    {
      metadata: { annotations: { 'chaos-mesh.org/inject': 'enabled' } },
    },
  );
  assert.deepEqual(await choose({ selector }, { optIn: true }), ['in/main']);
});

test('containers are chosen after the pods', async () => {
  assert.deepEqual(await choose({ containerNames: ['log', 'main', 'log'] }), [
    'db-0/log',
    'web-0/main',
    'web-1/main',
  ]);
});

const modes: [string, object, number[], number][] = [
  ['one', { mode: 'one' }, [], 1],
  ['fixed', { mode: 'fixed', value: '2' }, [], 2],
  ['fixed with more than there are', { mode: 'fixed', value: '7' }, [], 3],
  ['fixed-percent rounds up', { mode: 'fixed-percent', value: '34' }, [], 2],
  ['fixed-percent is at least one', { mode: 'fixed-percent', value: '1' }, [], 1],
  ['random-max-percent may draw all of it', { mode: 'random-max-percent', value: '67' }, [0.999], 3],
  ['random-max-percent may draw none', { mode: 'random-max-percent', value: '100' }, [0], 0],
];

for (const [what, spec, rolls, count] of modes) {
  test(`mode: ${what}`, async () => {
    assert.equal((await choose(spec, {}, rolls)).length, count);
  });
}
