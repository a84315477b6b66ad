import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kubeconfigAccess } from './access/kubeconfig.js';
import { ApiError } from './api-error.js';
import { KubeClient, type ListOptions, type WatchOptions } from './client.js';
import { Reflector } from './reflector.js';
import type { KubeObject, Resource } from './resource.js';
import { Journal } from './testing/journal.js';
import { startRelay } from './testing/relay.js';
import { configMaps, freshNamespace, testClient, testKubeconfig } from './testing/test-cluster.js';
import { Transport } from './transport.js';

let client: KubeClient;
before(async () => {
  client = await testClient();
});
after(() => client.close());

function reflect(through: KubeClient, namespace: string) {
  const journal = new Journal();
  const errors: unknown[] = [];
  const reflector = new Reflector(through, configMaps, {
    namespace,
    backOff: { firstMs: 10, longestMs: 100 },
    onChange: (object, previous, gone) => {
      const what = gone ? 'gone' : previous === undefined ? 'new' : 'changed';
      journal.add(`${what} ${object.metadata.name} ${object.data?.a}`);
    },
    onError: (error) => errors.push(error),
  });
  return { journal, errors, reflector };
}

test('the copy holds the existing objects and follows changes', async () => {
  const namespace = await freshNamespace(client);
  const ref = { namespace, name: 'early' };
  await client.create(configMaps, { metadata: ref, data: { a: '1' } });
  const { journal, reflector } = reflect(client, namespace);
  await reflector.synced;
  assert.equal(reflector.get(namespace, 'early')?.data?.a, '1');
  await client.patch(configMaps, ref, { data: { a: '2' } });
  await journal.until('changed early 2');
  await client.delete(configMaps, ref);
  await journal.until('gone early 2');
  assert.deepEqual(journal.lines, ['new early 1', 'changed early 2', 'gone early 2']);
  assert.deepEqual([...reflector.objects()], []);
  await reflector.close();
});

test('a connection that breaks loses nothing', async () => {
  const namespace = await freshNamespace(client);
  const relay = await startRelay();
  const { journal, errors, reflector } = reflect(relay.client, namespace);
  await reflector.synced;
  for (let round = 0; round < 5; round++) {
    const ref = { namespace, name: `round-${round}` };
    relay.cut();
    await client.create(configMaps, { metadata: ref, data: { a: '1' } });
    if (round > 0) await client.delete(configMaps, { namespace, name: `round-${round - 1}` });
    await journal.until(`new round-${round} 1`);
    if (round > 0) await journal.until(`gone round-${round - 1} 1`);
  }
  assert.equal(journal.lines.length, 9);
  assert.ok(errors.length > 0);
  assert.deepEqual(
    [...reflector.objects()].map((object) => object.metadata.name),
    ['round-4'],
  );
  await reflector.close();
  relay.close();
});

/** A client whose first watch gets 410 Gone, as from a server that has compacted its history. */
class LateClient extends KubeClient {
  lists = 0;
  #watches = 0;
  readonly #meanwhile: () => Promise<unknown>;

  /** @param meanwhile runs before the server answers */
  constructor(transport: Transport, meanwhile: () => Promise<unknown>) {
    super(transport);
    this.#meanwhile = meanwhile;
  }

  override pages<T extends KubeObject>(resource: Resource<T>, options?: ListOptions) {
    this.lists++;
    return super.pages(resource, options);
  }

  override async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions) {
    if (this.#watches++ === 0) {
      await this.#meanwhile();
      throw new ApiError('WATCH', 410, { reason: 'Expired', message: 'too old resource version' });
    }
    yield* super.watch(resource, options);
  }
}

test('if the server has dropped the version, the collection is listed again and compared', async (t) => {
  const namespace = await freshNamespace(client);
  for (const name of ['kept', 'lost', 'other']) {
    await client.create(configMaps, { metadata: { namespace, name }, data: { a: '1' } });
  }
  const transport = new Transport(await kubeconfigAccess({ files: [testKubeconfig()] }));
  const late = new LateClient(transport, async () => {
    await client.delete(configMaps, { namespace, name: 'lost' });
    await client.patch(configMaps, { namespace, name: 'other' }, { data: { a: '2' } });
    await client.create(configMaps, { metadata: { namespace, name: 'new' }, data: { a: '1' } });
  });
  t.after(() => late.close());
  const { journal, errors, reflector } = reflect(late, namespace);
  await journal.until('gone lost 1');
  await reflector.close();
  assert.equal(late.lists, 2);
  assert.deepEqual(journal.lines.slice(3), ['new new 1', 'changed other 2', 'gone lost 1']);
  assert.deepEqual(errors, []);
});
