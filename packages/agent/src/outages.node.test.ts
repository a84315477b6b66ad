import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ioChaos } from '@ordeal/controller';
import { type KubeClient, type Pod, pods } from '@ordeal/kube';
import { testClient, testKubeconfig, until } from '@ordeal/kube/testing';
import { rollOut } from './testing/agent-rollout.js';
import { isCovered, processesOf, WritingDeployment } from './testing/writing-deployment.js';

const NAMESPACE = 'ordeal';

let client: KubeClient;
let writer: WritingDeployment;
before(async () => {
  client = await testClient();
  writer = await WritingDeployment.start(client);
});
after(async () => {
  await writer.close();
  client.close();
});

async function killControllers(): Promise<void> {
  const labelSelector = 'app.kubernetes.io/component=controller';
  const killed: Pod[] = [];
  for await (const pod of client.list(pods, { namespace: NAMESPACE, labelSelector })) killed.push(pod);
  for (const pid of killed.flatMap(processesOf)) process.kill(pid, 'SIGKILL');
}

test('experiments begin and end although every controller was killed', async () => {
  await killControllers();
  await writer.inject();
  await writer.output.says('not written', 3);
  await killControllers();
  const works = writer.output.says('written', 3);
  await client.delete(ioChaos, writer.experiment);
  await works;
  await until(client, ioChaos, writer.experiment, (object) => object === undefined);
});

test('a node whose API server does not answer lifts its faults, and arms them again when it does', async (t) => {
  const back = await rollOut(client, { '--lease-seconds': '5' });
  t.after(back);
  await writer.inject();
  await writer.output.says('not written', 3);
  const pod = await writer.pod();
  assert.equal(isCovered(pod), true);
  const [apiServer] = readFileSync(join(dirname(testKubeconfig()), 'kube-apiserver.pid'), 'utf8').split(' ');
  process.kill(Number(apiServer), 'SIGSTOP');
  try {
    while (isCovered(pod)) await delay(50);
  } finally {
    process.kill(Number(apiServer), 'SIGCONT');
  }
  await writer.output.says('not written', 3);
  await writer.heal();
  await writer.output.says('written', 3);
});
