import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { injections } from '@ordeal/controller';
import type { KubeClient, Pod } from '@ordeal/kube';
import { testClient } from '@ordeal/kube/testing';
import { rollOut } from './testing/agent-rollout.js';
import { onlyPod, processesOf, signalAll, WritingDeployment } from './testing/writing-deployment.js';

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
  await killAndAwaitOthers(pod);
  await writer.output.says('not written', 3);
  assert.equal((await writer.pod()).metadata.uid, pod.metadata.uid);
  while ((await restarts()) === 0) await sleep(100);
});

test('the successor of an agent that was killed with its whole pod goes on with its faults', async () => {
  const agent = await onlyPod(client, NAMESPACE, 'app.kubernetes.io/component=agent');
  await killAndAwaitOthers(agent);
  await writer.output.says('not written', 3);
});

test('a rollout of the agent lifts the faults and arms them again', async () => {
  const works = writer.output.says('written', 3);
  await rollOut(client);
  await works;
  await writer.output.says('not written', 3);
});

/** Of the writer's container, as the agent has reported them. */
async function restarts(): Promise<number> {
  let sum = 0;
  for await (const { status } of client.list(injections, { namespace: writer.namespace })) {
    sum += status?.containers?.[0]?.restarts ?? 0;
  }
  return sum;
}

/** Kills all processes of a pod, and waits until the kubelet has started others. */
async function killAndAwaitOthers(pod: Pod): Promise<void> {
  const killed = processesOf(pod);
  signalAll(killed, 'SIGKILL');
  while (processesOf(pod).every((pid) => killed.includes(pid))) await sleep(100);
}
