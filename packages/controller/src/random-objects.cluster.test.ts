import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError, type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import fc from 'fast-check';
import { ioChaos, kernelChaos } from './api/kinds.js';
import { runController } from './controller.js';
import { installCrds } from './testing/install-crds.js';
import { StandInAgent } from './testing/stand-in-agent.js';

/** `ORDEAL_OBJECTS` sets their number, `TEST_SEED` repeats a run. */
const OBJECTS = Number(process.env.ORDEAL_OBJECTS ?? 100);
/** Objects that are there at the same time. */
const AT_ONCE = 8;

let client: KubeClient;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

const text = fc.oneof(fc.constantFrom('', 'a', '/data', '/d[', '..', 'a,b=c\\', '"', '\u0000'), fc.string());
const map = fc.dictionary(text, text, { maxKeys: 2 });
const anything = fc.jsonValue({ maxDepth: 2 });
const operator = fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist');

const selector = fc.oneof(
  fc.constantFrom(
    {},
    { labelSelectors: { app: 'none' } },
    { podPhaseSelectors: ['!Running'] },
    { nodes: ['none'] },
  ),
  fc.record(
    {
      namespaces: fc.array(text, { maxLength: 2 }),
      pods: fc.dictionary(text, fc.array(text, { maxLength: 2 }), { maxKeys: 2 }),
      labelSelectors: map,
      annotationSelectors: map,
      expressionSelectors: fc.array(
        fc.record({ key: text, operator, values: fc.array(text, { maxLength: 2 }) }),
      ),
      fieldSelectors: fc.dictionary(fc.constantFrom('metadata.name', 'status.phase', 'spec.x'), text),
      nodes: fc.array(text, { maxLength: 2 }),
      nodeSelectors: map,
      podPhaseSelectors: fc.array(fc.constantFrom('Running', '!Pending', 'running', '!'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
);

/** Good and bad values of fields; `undefined` leaves the field out. */
const fields: { readonly [name: string]: fc.Arbitrary<unknown> } = {
  mode: fc.constantFrom('one', 'all', 'fixed', 'fixed-percent', 'random-max-percent', 'some'),
  value: fc.constantFrom('1', '50', '0', '101', '+5', 'x', '99999999999', undefined),
  selector,
  containerNames: fc.array(fc.constantFrom('main', 'other', ''), { maxLength: 2 }),
  duration: fc.constantFrom(
    '1h',
    '300ms',
    '1.5h',
    '',
    '0',
    '10',
    '-1s',
    '1h1',
    '9999999999h',
    '\u00b5s',
    '2\u00b5s',
  ),
  volumePath: text,
  delay: fc.constantFrom('1h', '1.5ms', '', '0', '1', '9999999999h'),
  errno: fc.oneof(fc.constantFrom('EIO', 'ENONE', 5, 0, -1), fc.integer()),
  jitter: fc.constantFrom('1ms', '', 'x'),
  correlation: fc.integer({ min: -1, max: 101 }),
  distribution: fc.constantFrom('uniform', 'normal', 'other'),
  histogram: fc.array(
    fc.record({ upTo: fc.constantFrom('1ms', '1s', '0'), weight: fc.integer({ min: -1, max: 2 }) }),
  ),
  stall: fc.record({ for: fc.constantFrom('1ms', '0'), every: fc.constantFrom('1ms', '1s') }),
  limit: fc.record(
    { bytesPerSecond: fc.integer({ min: -1, max: 2 }), operationsPerSecond: fc.nat() },
    { requiredKeys: [] },
  ),
  capacity: fc.record({ bytes: fc.integer(), errno: fc.constantFrom('ENOSPC', 'EDQUOT', 'EIO') }),
  unsynced: fc.constantFrom('keep', 'lose', 'none'),
  attr: fc.record({ perm: fc.integer(), size: fc.maxSafeInteger() }, { requiredKeys: [] }),
  mistake: fc.record({
    filling: fc.constantFrom('zero', 'flip', 'none'),
    maxOccurrences: fc.nat(),
    maxLength: fc.nat(),
  }),
  path: text,
  methods: fc.array(fc.constantFrom('read', 'WRITE', 'swim'), { maxLength: 3 }),
  percent: fc.integer({ min: -1, max: 101 }),
  failKernRequest: fc.record({
    failtype: fc.integer({ min: -1, max: 3 }),
    callchain: fc.array(
      fc.record({ funcname: text, parameters: text, predicate: text }, { requiredKeys: [] }),
    ),
  }),
};
const change = fc
  .constantFrom(...Object.keys(fields))
  .chain((name) =>
    fc
      .oneof({ weight: 8, arbitrary: fields[name] ?? anything }, { weight: 1, arbitrary: anything })
      .map((value) => ({ [name]: value })),
  );
const io = (fault: object) => ({
  resource: ioChaos,
  spec: { mode: 'all', selector: {}, volumePath: '/data', ...fault },
});
const good = fc.constantFrom(
  io({ action: 'latency', delay: '1ms' }),
  io({ action: 'latency', delay: '1ms', jitter: '1ms', stall: { for: '1ms', every: '2ms' } }),
  io({ action: 'limit', limit: { bytesPerSecond: 1 } }),
  io({ action: 'capacity', capacity: { bytes: 1 } }),
  io({ action: 'fault', errno: 5 }),
  io({ action: 'attrOverride', attr: { perm: 0o444 } }),
  io({ action: 'mistake', mistake: { filling: 'zero', maxOccurrences: 1, maxLength: 1 } }),
  { resource: kernelChaos, spec: { mode: 'all', selector: {}, failKernRequest: { failtype: 0 } } },
);
/** An experiment that is valid except for up to three fields. */
const experiment = fc
  .tuple(good, fc.array(change, { maxLength: 3 }))
  .map(([{ resource, spec }, changes]) => ({ resource, spec: Object.assign({}, spec, ...changes) }));

test('any experiment is refused with a position or carried out, and can be deleted', async (t) => {
  const namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  const containers = [{ name: 'main', image: 'none' }];
  await client.create(pods, { metadata: { namespace, name: 'pod' }, spec: { nodeName, containers } });
  const errors: string[] = [];
  const stop = new AbortController();
  const onError = (what: string, error: unknown) => errors.push(`${what}: ${error}`);
  const ended = runController(client, { scope: { namespace }, onError }, stop.signal);
  const agent = new StandInAgent(client, namespace);
  t.after(async () => {
    stop.abort();
    await ended;
    await agent.close();
  });
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`TEST_SEED=${seed}`);
  const objects = fc.sample(experiment, { numRuns: OBJECTS, seed });
  const phases = new Map<string, number>();
  /** Makes one object, waits for what becomes of it, and deletes it. */
  const answerTo = async (index: number, { resource, spec }: (typeof objects)[number]): Promise<string> => {
    const ref = { namespace, name: `random-${index}` };
    try {
      await client.create(resource, { metadata: ref, spec });
    } catch (error) {
      assert.ok(error instanceof ApiError, String(error));
      assert.match(error.message, /\bspec\b/, JSON.stringify(spec));
      return 'refused by the API server';
    }
    const object = await until(client, resource, ref, (seen) => seen?.status?.phase !== undefined);
    const { phase = '', message = '' } = object?.status ?? {};
    // The field, what is wrong with it, and the code of the reference.
    if (phase === 'Refused') assert.match(message, /^[\w.[\]]+: .+ \[ORD-1\d\d\]$/s, JSON.stringify(spec));
    await client.delete(resource, ref);
    await until(client, resource, ref, (seen) => seen === undefined);
    return phase;
  };
  const waiting = objects.entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [index, each] of waiting) {
        const phase = await answerTo(index, each);
        phases.set(phase, (phases.get(phase) ?? 0) + 1);
      }
    }),
  );
  t.diagnostic([...phases].map(([phase, count]) => `${phase}: ${count}`).join(', '));
  assert.equal(
    [...phases.values()].reduce((sum, count) => sum + count, 0),
    OBJECTS,
  );
  assert.deepEqual(errors, []);
});
