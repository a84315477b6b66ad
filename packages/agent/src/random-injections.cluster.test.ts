import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AGENT_FINALIZER, injections } from '@ordeal/controller';
import { answerAll, asksForRetry, installCrds, randomExperiments } from '@ordeal/controller/testing';
import { ApiError, type KubeClient } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { Supervisor } from '@ordeal/supervisor';
import { Agent } from './agent.js';

/** `ORDEAL_OBJECTS` sets their number, `TEST_SEED` repeats a run. */
const OBJECTS = Number(process.env.ORDEAL_OBJECTS ?? 100);
/** The field, what is wrong with it, and the code of the reference. */
const REFUSAL = /^spec\b.+ \[ORD-1\d\d\]|^\w.+ \[ORD-[2-9]\d\d\]/s;

let client: KubeClient;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

test('any Injection is refused with a reason or waits for its container, and can be deleted', async (t) => {
  const namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  const runDirectory = mkdtempSync(join(tmpdir(), 'ordeal-agent-'));
  const supervisor = await Supervisor.open(runDirectory);
  const errors: string[] = [];
  const onError = (error: unknown) => {
    if (!asksForRetry(error)) errors.push(String(error));
  };
  const agent = new Agent({ client, supervisor, nodeName, onError });
  t.after(async () => {
    await agent.close();
    await supervisor.close();
    rmSync(runDirectory, { recursive: true });
  });
  await agent.synced;

  const answerTo = async ({ kind, spec: fault }: Experiment, name: string): Promise<string> => {
    const metadata = { namespace, name, finalizers: [AGENT_FINALIZER] };
    const spec = {
      experiment: { kind, name, uid: name },
      nodeName,
      pod: { namespace, name: 'pod', uid: randomUUID() },
      containerNames: ['main'],
      [kind === 'IOChaos' ? 'ioChaos' : 'kernelChaos']: fault,
    };
    try {
      await client.create(injections, { metadata, spec });
    } catch (error) {
      assert.ok(error instanceof ApiError, String(error));
      assert.match(error.message, /\bspec\b/, JSON.stringify(fault));
      return 'refused by the API server';
    }
    const object = await until(client, injections, metadata, (seen) => seen?.status?.reason !== undefined);
    const { reason = '', message = '' } = object?.status ?? {};
    if (reason === 'Refused') assert.match(message, REFUSAL, JSON.stringify(fault));
    else assert.equal(reason, 'ContainerNotRunning', JSON.stringify(fault));
    await client.delete(injections, metadata);
    await until(client, injections, metadata, (seen) => seen === undefined);
    return reason;
  };
  await answerAll(t, (seed) => randomExperiments(OBJECTS, seed), answerTo);
  assert.deepEqual(errors, []);
  assert.deepEqual(supervisor.list(), []);
});

type Experiment = ReturnType<typeof randomExperiments>[number];
