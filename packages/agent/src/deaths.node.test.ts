import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { injections } from '@ordeal/controller';
import type { KubeClient } from '@ordeal/kube';
import { testClient } from '@ordeal/kube/testing';
import { rollOut } from './testing/agent-rollout.js';
import { onlyPod, processesOf, WritingDeployment } from './testing/writing-deployment.js';

const NAMESPACE = 'ordeal';

let client: KubeClient;
let writer: WritingDeployment;
before(async () => {
  client = await testClient();
  writer = await WritingDeployment.start(client);
  await writer.inject();
  await writer.output.says('not written', 3);
});
after(async () => {
  await writer.heal();
  await writer.output.says('written', 3);
  await writer.close();
  client.close();
});

test('a crashed container gets its faults again once the kubelet has restarted it', async () => {
  const pod = await writer.pod();
  const failsAgain = writer.output.says('written').then(() => writer.output.says('not written', 3));
  for (const pid of processesOf(pod)) process.kill(pid, 'SIGKILL');
  await failsAgain;
  assert.equal((await writer.pod()).metadata.uid, pod.metadata.uid);
  let restarts = 0;
  for await (const { status } of client.list(injections, { namespace: writer.namespace })) {
    restarts += status?.containers?.[0]?.restarts ?? 0;
  }
  assert.ok(restarts > 0);
});

test('the successor of an agent that was killed with its whole pod goes on with its faults', async () => {
  const agent = await onlyPod(client, NAMESPACE, 'app.kubernetes.io/component=agent');
  const killed = processesOf(agent);
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  while (processesOf(agent).every((pid) => killed.includes(pid))) await sleep(100);
  await writer.output.says('not written', 3);
});

test('a rollout of the agent lifts the faults and arms them again', async () => {
  const works = writer.output.says('written', 3);
  await rollOut(client);
  await works;
  await writer.output.says('not written', 3);
});
