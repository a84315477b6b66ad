import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ioChaos } from '../../packages/controller/dist/index.js';
import { pods } from '../../packages/kube/dist/index.js';
import { freshNamespace, until } from '../../packages/kube/dist/testing/index.js';
import { step } from '../../scripts/step.mjs';
import { table } from '../table.mjs';
import { cpuSeconds, residentMiB } from './process-cost.mjs';

const VOLUMES = 10;
const LABELS = { app: 'idle' };
const POD = {
  terminationGracePeriodSeconds: 0,
  containers: [
    {
      name: 'app',
      image: 'busybox:1',
      command: ['sleep', 'infinity'],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  ],
  volumes: [{ name: 'data', emptyDir: {} }],
};

/** Prints what the agent of a real node costs while it holds volumes that nothing happens on. */
export async function benchIdleAgent(client, server, seconds) {
  const namespace = await freshNamespace(client);
  const ref = { namespace, name: 'idle' };
  const names = Array.from({ length: VOLUMES }, (_, i) => `idle-${i}`);
  await step(`faults on ${VOLUMES} volumes`, '30 s', async () => {
    for (const name of names) {
      await client.create(pods, { metadata: { namespace, name, labels: LABELS }, spec: POD });
    }
    const isRunning = (pod) => pod?.status?.phase === 'Running';
    for (const name of names) await until(client, pods, { namespace, name }, isRunning);
    const target = { mode: 'all', selector: { labelSelectors: LABELS }, volumePath: '/data' };
    await client.create(ioChaos, { metadata: ref, spec: { ...target, action: 'fault', errno: 5 } });
    await until(client, ioChaos, ref, (object) => object?.status?.phase === 'Running');
  });
  const pid = await agentPid(client);
  const count = () => server.requests('injections', 'iochaos', 'events', 'pods');
  const before = { requests: count(), cpu: cpuSeconds(pid) };
  await step('looking at the agent while nothing happens', `${seconds} s`, () => delay(seconds * 1000));
  const rows = [
    ['requests about experiments, injections, pods and events', count() - before.requests, ''],
    ['CPU of the agent, s', (cpuSeconds(pid) - before.cpu).toFixed(2), ''],
    ['memory of the agent, MiB', residentMiB(pid), 'below 100'],
  ];
  console.log(
    table(`${VOLUMES} held volumes for ${seconds} s while nothing happens`, ['', '', 'goal'], rows),
  );
  await client.delete(ioChaos, ref);
  await until(client, ioChaos, ref, (object) => object === undefined);
}

/** The agent's own process; what serves volumes has left its pod. */
async function agentPid(client) {
  const labelSelector = 'app.kubernetes.io/component=agent';
  for await (const { metadata } of client.list(pods, { namespace: 'ordeal', labelSelector })) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const isInPod = read(pid, 'cgroup').includes(`/pod${metadata.uid}/`);
      if (isInPod && read(pid, 'cmdline').includes('ordeal-agent')) return pid;
    }
  }
  throw new Error('the node has no agent');
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
