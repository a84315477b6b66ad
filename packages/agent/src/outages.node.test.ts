import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { injections, ioChaos } from '@ordeal/controller';
import { type KubeClient, nodes, type Pod, pods } from '@ordeal/kube';
import { testClient, testKubeconfig, until } from '@ordeal/kube/testing';
import { rollOut } from './testing/agent-rollout.js';
import {
  isCovered,
  onlyPod,
  processesOf,
  signalAll,
  WritingDeployment,
} from './testing/writing-deployment.js';

const NAMESPACE = 'ordeal';
const FORCE = 'chaos-mesh.chaos-mesh.org/cleanFinalizer';

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

/** Of a part of the cluster that this machine runs. */
function daemonPid(name: string): number {
  const [pid] = readFileSync(join(dirname(testKubeconfig()), `${name}.pid`), 'utf8').split(' ');
  return Number(pid);
}

async function killControllers(): Promise<void> {
  const labelSelector = 'app.kubernetes.io/component=controller';
  const killed: Pod[] = [];
  for await (const pod of client.list(pods, { namespace: NAMESPACE, labelSelector })) killed.push(pod);
  signalAll(killed.flatMap(processesOf), 'SIGKILL');
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
  const apiServer = daemonPid('kube-apiserver');
  process.kill(apiServer, 'SIGSTOP');
  try {
    while (isCovered(pod)) await delay(50);
  } finally {
    process.kill(apiServer, 'SIGCONT');
  }
  await writer.output.says('not written', 3);
  await writer.heal();
  await writer.output.says('written', 3);
});

test('experiments on a node that is gone can be deleted, and its agent lifts the faults when it is back', async () => {
  await writer.inject();
  await writer.inject({ action: 'latency', delay: '1ms', methods: ['read'] }, 'slow');
  await writer.output.says('not written', 3);
  const agent = await onlyPod(client, NAMESPACE, 'app.kubernetes.io/component=agent');
  const name = agent.spec.nodeName ?? '';
  const { metadata, ...node } = await client.get(nodes, { name });
  const stopped = [daemonPid('kubelet'), ...processesOf(agent)];
  signalAll(stopped, 'SIGSTOP');
  try {
    // Nobody knows whether its faults last, until somebody says that it does not matter ...
    await client.delete(ioChaos, writer.experiment);
    const waiting = await until(client, ioChaos, writer.experiment, (object) =>
      object?.status?.message?.includes('waiting for the agent'),
    );
    assert.equal(waiting?.status?.phase, 'Recovering');
    await client.patch(ioChaos, writer.experiment, { metadata: { annotations: { [FORCE]: 'forced' } } });
    await until(client, ioChaos, writer.experiment, (object) => object === undefined);
    // ... or that it does not exist any more.
    await client.delete(nodes, { name });
    await writer.heal('slow');
  } finally {
    const { labels, annotations } = metadata;
    const isGone = (await client.find(nodes, { name })) === undefined;
    if (isGone) await client.create(nodes, { ...node, metadata: { name, labels, annotations } });
    signalAll(stopped, 'SIGCONT');
  }
  for await (const each of client.list(injections, { namespace: writer.namespace })) {
    assert.fail(each.metadata.name);
  }
  await writer.output.says('written', 3);
});
