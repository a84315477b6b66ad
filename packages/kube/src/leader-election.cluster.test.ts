import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeClient } from './client.js';
import { leases, withLeadership } from './leader-election.js';
import { Journal } from './testing/journal.js';
import { freshNamespace, testClient } from './testing/test-cluster.js';

let client: KubeClient;
before(async () => {
  client = await testClient();
});
after(() => client.close());

/** Candidates for the lead; each logs when it begins and ends. */
async function candidates(leaseSeconds: number) {
  const lease = { namespace: await freshNamespace(client), name: 'leader' };
  const journal = new Journal();
  const start = (identity: string) => {
    const stop = new AbortController();
    const options = { lease, identity, leaseSeconds, signal: stop.signal, onError: () => {} };
    const ended = withLeadership(client, options, async (signal) => {
      journal.add(`${identity} leads`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      journal.add(`${identity} ${stop.signal.aborted ? 'was stopped' : 'lost the lease'}`);
    });
    return async () => {
      stop.abort();
      await ended;
    };
  };
  return { lease, journal, start };
}

test('one leads, and the next one at once when it steps down', async () => {
  const { journal, start } = await candidates(60);
  const stopFirst = start('first');
  await journal.until('first leads');
  await stopFirst();
  const stopSecond = start('second');
  await journal.until('second leads');
  await stopSecond();
  assert.deepEqual(journal.lines, ['first leads', 'first was stopped', 'second leads', 'second was stopped']);
});

test('a leader that disappears is replaced once the lease has expired', async () => {
  const { lease, journal, start } = await candidates(2);
  const renewTime = '2020-01-01T00:00:00.000000Z';
  const spec = { holderIdentity: 'killed', leaseDurationSeconds: 1, renewTime };
  await client.create(leases, { metadata: lease, spec });
  const stop = start('next');
  await journal.until('next leads');
  const { spec: now } = await client.get(leases, lease);
  assert.deepEqual([now.holderIdentity, now.leaseTransitions], ['next', 1]);
  await stop();
});

test('a leader whose lease is taken away stops its work', async () => {
  const { lease, journal, start } = await candidates(2);
  const stop = start('old');
  await journal.until('old leads');
  const theft = { holderIdentity: 'thief', leaseDurationSeconds: 3600 };
  await client.apply(leases, { metadata: lease, spec: theft }, { fieldManager: 'thief', force: true });
  await journal.until('old lost the lease');
  await stop();
  assert.equal((await client.get(leases, lease)).spec.holderIdentity, 'thief');
});
