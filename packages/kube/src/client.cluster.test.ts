import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError, isAlreadyExists, isConflict, isNotFound } from './api-error.js';
import type { KubeClient } from './client.js';
import { configMaps, freshNamespace, testClient } from './testing/test-cluster.js';

let client: KubeClient;
let namespace: string;

before(async () => {
  client = await testClient();
  namespace = await freshNamespace(client);
});
after(() => client.close());

test('an object is made, read, patched and deleted', async () => {
  const ref = { namespace, name: 'one' };
  const made = await client.create(configMaps, { metadata: ref, data: { a: '1' } });
  assert.ok(made.metadata.uid);
  await assert.rejects(client.create(configMaps, { metadata: ref }), isAlreadyExists);
  const patched = await client.patch(configMaps, ref, { data: { a: null, b: '2' } });
  assert.deepEqual(patched.data, { b: '2' });
  const stale = { metadata: { resourceVersion: made.metadata.resourceVersion }, data: { b: '3' } };
  await assert.rejects(client.patch(configMaps, ref, stale), isConflict);
  await assert.rejects(client.delete(configMaps, ref, { uid: 'of-another' }), isConflict);
  await client.delete(configMaps, ref);
  await client.delete(configMaps, ref);
  assert.equal(await client.find(configMaps, ref), undefined);
  await assert.rejects(
    client.get(configMaps, ref),
    (error) => isNotFound(error) && error.reason === 'NotFound',
  );
});

test('apply owns the fields that it writes', async () => {
  const metadata = { namespace, name: 'applied' };
  const apply = (fieldManager: string, data: { [key: string]: string }, force = false) =>
    client.apply(configMaps, { metadata, data }, { fieldManager, force });
  await apply('first', { a: '1', b: '1' });
  assert.deepEqual((await apply('first', { a: '1' })).data, { a: '1' });
  assert.deepEqual((await apply('second', { c: '2' })).data, { a: '1', c: '2' });
  await assert.rejects(apply('second', { a: '2', c: '2' }), isConflict);
  assert.deepEqual((await apply('second', { a: '2', c: '2' }, true)).data, { a: '2', c: '2' });
});

test('a list of several pages is complete', async () => {
  const names = Array.from({ length: 1_100 }, (_, index) => `item-${String(index).padStart(4, '0')}`);
  const many = await freshNamespace(client);
  const queue = [...names];
  const write = async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      await client.create(configMaps, {
        metadata: { namespace: many, name, labels: { odd: name.slice(-1) } },
      });
    }
  };
  await Promise.all(Array.from({ length: 16 }, write));
  const found: string[] = [];
  const pages: number[] = [];
  for await (const { items } of client.pages(configMaps, { namespace: many })) {
    pages.push(items.length);
    for (const { metadata } of items) found.push(metadata.name);
  }
  assert.deepEqual(found, names);
  assert.deepEqual(pages, [500, 500, 100]);
  await client.deleteAll(configMaps, { namespace: many, labelSelector: 'odd in (1,3,5,7,9)' });
  let rest = 0;
  for await (const _ of client.list(configMaps, { namespace: many })) rest++;
  assert.equal(rest, 550);
});

test('a watch reports changes, and ends with its signal', async () => {
  const stop = new AbortController();
  const { resourceVersion } = (await client.pages(configMaps, { namespace }).next()).value ?? {};
  assert.ok(resourceVersion);
  const watch = client.watch(configMaps, {
    namespace,
    labelSelector: 'watched',
    resourceVersion,
    timeoutSeconds: 60,
    signal: stop.signal,
  });
  const next = async () => {
    const { value } = await watch.next();
    return value && `${value.type} ${value.object.metadata.name} ${value.object.data?.a}`;
  };
  const ref = { namespace, name: 'seen' };
  await client.create(configMaps, { metadata: { ...ref, labels: { watched: '' } }, data: { a: '1' } });
  assert.equal(await next(), 'ADDED seen 1');
  await client.patch(configMaps, ref, { data: { a: '2' } });
  assert.equal(await next(), 'MODIFIED seen 2');
  await client.delete(configMaps, ref);
  assert.equal(await next(), 'DELETED seen 2');
  const ended = watch.next();
  stop.abort(new Error('enough'));
  await assert.rejects(ended, /enough/);
});

test('many watches leave connections for other requests', async () => {
  const stop = new AbortController();
  const { resourceVersion = '' } = (await client.pages(configMaps, { namespace }).next()).value ?? {};
  const selection = { namespace, labelSelector: 'never', resourceVersion, timeoutSeconds: 60 };
  const watches = Array.from({ length: 100 }, () =>
    client.watch(configMaps, { ...selection, signal: stop.signal }).next(),
  );
  const refused = Promise.all(watches.map((each) => assert.rejects(each, /enough/)));
  await client.create(configMaps, { metadata: { namespace, name: 'beside-watches' } });
  stop.abort(new Error('enough'));
  await refused;
});

test('a refusal of the server is reported with its reason', async () => {
  const bad = client.create(configMaps, { metadata: { namespace, name: 'Not_A_Name' } });
  await assert.rejects(bad, (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.code, 'ORD-801');
    assert.deepEqual([error.status, error.reason], [422, 'Invalid']);
    assert.match(error.message, /^POST \/api\/v1\/.*Not_A_Name.*metadata.name: Invalid value/s);
    return true;
  });
  const somebody = await testClient({ impersonate: 'somebody' });
  await assert.rejects(somebody.find(configMaps, { namespace, name: 'one' }), (error) => {
    return (
      error instanceof ApiError && error.reason === 'Forbidden' && /"somebody" cannot get/.test(error.message)
    );
  });
  somebody.close();
});
