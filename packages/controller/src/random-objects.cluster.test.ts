import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { ApiError, type KubeClient, nodes, pods } from '@ordeal/kube';
import { testClient, until } from '@ordeal/kube/testing';
import { type ChaosKind, chaosResources, schedules } from './api/kinds.js';
import { runController } from './controller.js';
import { answerAll, asksForRetry } from './testing/answer-all.js';
import { installCrds } from './testing/install-crds.js';
import { type RandomObject, randomObjects } from './testing/random-objects.js';
import { type RestrictedUser, restrictedUser } from './testing/restricted-user.js';
import { StandInAgent } from './testing/stand-in-agent.js';

/** `ORDEAL_OBJECTS` sets their number, `TEST_SEED` repeats a run. */
const OBJECTS = Number(process.env.ORDEAL_OBJECTS ?? 200);
/** What a refusal by the API server names: the field, by the schema, a rule of it or a policy. */
const PLACE = /\bspec\b|\bselector\.(namespaces|pods) names/;
/** The same of the controller: the field, what is wrong with it, and the code of the reference. */
const REFUSAL = /^spec\b.+ \[ORD-1\d\d\]$/s;

let client: KubeClient;
let user: RestrictedUser;
before(async () => {
  client = await testClient();
  await installCrds(client);
  user = await restrictedUser(client);
});
after(() => {
  user.client.close();
  client.close();
});

/** A pod on a node with a stand-in for its agent, and a controller. Returns the errors that it will have retried. */
async function stage(t: TestContext, namespace: string): Promise<readonly string[]> {
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  const containers = [{ name: 'main', image: 'none' }];
  await client.create(pods, { metadata: { namespace, name: 'pod' }, spec: { nodeName, containers } });
  const errors: string[] = [];
  const stop = new AbortController();
  const onError = (what: string, error: unknown) => {
    if (!asksForRetry(error)) errors.push(`${what}: ${error}`);
  };
  const ended = runController(client, { scope: { namespace }, onError }, stop.signal);
  const agent = new StandInAgent(client, namespace);
  t.after(async () => {
    stop.abort();
    await ended;
    await agent.close();
  });
  return errors;
}

/** Creates one object as the user, waits for what becomes of it, and deletes it. */
async function answerTo({ kind, spec }: RandomObject, name: string): Promise<string> {
  const metadata = { namespace: user.namespace, name };
  const resource = kind === 'Schedule' ? schedules : chaosResources[kind];
  try {
    await user.client.create(resource, { metadata, spec });
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.match(error.message, PLACE, JSON.stringify(spec));
    return error.reason === 'Forbidden' ? 'refused by a policy' : 'refused by the API server';
  }
  const answer = kind === 'Schedule' ? await scheduled(metadata) : await carriedOut(kind, metadata);
  const [phase, message] = answer;
  if (phase === 'Refused') assert.match(message, REFUSAL, JSON.stringify(spec));
  await user.client.delete(resource, metadata);
  await until(client, resource, metadata, (seen) => seen === undefined);
  return phase;
}

async function carriedOut(kind: ChaosKind, ref: { namespace: string; name: string }) {
  const object = await until(client, chaosResources[kind], ref, (seen) => seen?.status?.phase !== undefined);
  const { phase = '', message = '' } = object?.status ?? {};
  return [phase, message] as const;
}

async function scheduled(ref: { namespace: string; name: string }) {
  const object = await until(client, schedules, ref, (seen) => seen?.status?.message !== undefined);
  const { message = '' } = object?.status ?? {};
  return [message === '' ? 'Scheduled' : 'Refused', message] as const;
}

test('any experiment and schedule is refused with a position or carried out, and can be deleted', async (t) => {
  const errors = await stage(t, user.namespace);
  const answered = await answerAll(t, (seed) => randomObjects(OBJECTS, seed), answerTo);
  assert.equal(answered, OBJECTS);
  assert.deepEqual(errors, []);
});
