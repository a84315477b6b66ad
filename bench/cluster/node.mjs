import { injections, ioChaos } from '../../packages/controller/dist/index.js';
import { freshNamespace, until } from '../../packages/kube/dist/testing/index.js';
import { step } from '../../scripts/step.mjs';
import { median, table } from '../table.mjs';
import { WritingPod } from './writing-pod.mjs';

const FAULT = { action: 'fault', errno: 5, methods: ['write'], volumePath: '/data' };
const TITLE = 'as the program sees it, in milliseconds, on a real node';
const GOALS = {
  'apply to first fault': 500,
  'start of a restarted container to first fault': 1000,
  'delete to last fault': '',
};

/** Prints how soon a program in a pod of a real node meets faults and is rid of them, over some rounds with a pod each. */
export async function benchNode(client, kubeconfig, rounds) {
  const namespace = await freshNamespace(client);
  const times = [];
  await step(`${rounds} rounds of a pod each`, `${rounds * 8} s`, async () => {
    for (let i = 0; i < rounds; i++) times.push(await oneRound(client, kubeconfig, namespace, `writer-${i}`));
  });
  const rows = Object.entries(GOALS).map(([what, goal], column) => {
    const sorted = times.map((each) => each[column]).sort((a, b) => a - b);
    return [what, Math.round(median(sorted)), Math.round(sorted.at(-1)), goal];
  });
  console.log(table(TITLE, ['', 'p50', 'longest', 'goal'], rows));
}

/** The milliseconds of each row. */
async function oneRound(client, kubeconfig, namespace, name) {
  const pod = await WritingPod.start(client, kubeconfig, namespace, name);
  const spec = { mode: 'all', selector: { labelSelectors: { app: name } }, ...FAULT };
  const metadata = { namespace, name };
  const applied = Date.now();
  await client.create(ioChaos, { metadata, spec });
  const failed = await pod.says('failed', applied);
  await until(client, ioChaos, metadata, (object) => object?.status?.phase === 'Running');
  const killed = Date.now();
  await pod.crash();
  const restarted = await pod.says('written', killed);
  const failedAgain = await pod.says('failed', restarted);
  await until(client, injections, await injectionOf(client, namespace, name), (object) =>
    object?.status?.containers?.some(({ restarts }) => restarts > 0),
  );
  const deleted = Date.now();
  await client.delete(ioChaos, metadata);
  const healed = await pod.says('written', deleted);
  await until(client, ioChaos, metadata, (object) => object === undefined);
  await pod.delete();
  return [failed - applied, failedAgain - restarted, healed - deleted];
}

async function injectionOf(client, namespace, experiment) {
  for await (const { metadata, spec } of client.list(injections, { namespace })) {
    if (spec.experiment.name === experiment) return metadata;
  }
  throw new Error(`${experiment} has no injection`);
}
