// `npm run bench:cluster [-- --pods N --nodes N --targets N --experiments N --idle SECONDS]`: the controller over simulated nodes,
// against a real API server. Pods and nodes are only objects, and a stand-in answers for all agents.
// `npm run bench:cluster -- --node [--rounds N --idle SECONDS]`: how soon faults begin and end in pods of a real node, and what
// its agent costs while nothing happens.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { injections } from '../../packages/controller/dist/index.js';
import { installCrds, StandInAgent } from '../../packages/controller/dist/testing/index.js';
import { connect, namespaces } from '../../packages/kube/dist/index.js';
import { withTestCluster, withTestNode } from '../../scripts/cluster/test-cluster.mjs';
import { main, step } from '../../scripts/step.mjs';
import { table } from '../table.mjs';
import { ApiServer } from './api-server.mjs';
import { ControllerProcess } from './controller-process.mjs';
import { benchIdleAgent } from './idle-agent.mjs';
import { benchNode } from './node.mjs';
import { addPods, injected, makePods, rawMilliseconds, takenBack } from './simulated.mjs';

/** Pods of each of many experiments. */
const EACH = 10;
/** Objects that one client creates and updates, to compare with. */
const SAMPLE = 200;
const NAMESPACE = 'bench';
/** Where no controller and no agent looks. */
const RAW_NAMESPACE = 'raw';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '10000' },
    nodes: { type: 'string', default: '500' },
    targets: { type: 'string', default: '1000' },
    experiments: { type: 'string', default: '200' },
    idle: { type: 'string', default: '300' },
    node: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '10' },
  },
});
const pods = Number(values.pods);
const nodeCount = Number(values.nodes);
const targets = Number(values.targets);
const experiments = Number(values.experiments);
/** Pods that no experiment selects, at first. */
const few = Math.min(1000, pods - targets);
const idleSeconds = Number(values.idle);

await main(() => (values.node ? benchRealNode() : benchSimulatedNodes()));

function benchRealNode() {
  return withTestNode(async ({ ORDEAL_TEST_KUBECONFIG: kubeconfig, ORDEAL_TEST_KUBE_BINARIES: binaries }) => {
    const client = await connect({ files: [kubeconfig] });
    try {
      await benchNode(client, kubeconfig, Number(values.rounds));
      await benchIdleAgent(client, new ApiServer(binaries, kubeconfig), idleSeconds);
    } finally {
      client.close();
    }
  });
}

function benchSimulatedNodes() {
  return withTestCluster(
    async ({ ORDEAL_TEST_KUBECONFIG: kubeconfig, ORDEAL_TEST_KUBE_BINARIES: binaries }) => {
      const client = await connect({ files: [kubeconfig] });
      const server = new ApiServer(binaries, kubeconfig);
      await installCrds(client);
      const stage = { namespace: NAMESPACE, nodeCount, targets, others: few, each: EACH };
      await client.create(namespaces, { metadata: { name: RAW_NAMESPACE } });
      await step(`making ${targets + few} pods on ${nodeCount} nodes`, '30 s', () => makePods(client, stage));
      const agent = new StandInAgent(client, NAMESPACE);
      let controller = new ControllerProcess(kubeconfig, NAMESPACE);
      try {
        await injected(client, NAMESPACE, 'warm-up', { app: 'p0' });
        await takenBack(client, NAMESPACE, 'warm-up');
        const measure = (what, time, objects, action) =>
          measured(client, server, what, time, objects, action);
        const wholeLife = (cpuSpent) => oneExperiment(client, server, cpuSpent);
        const first = await measure(`one experiment over ${targets} pods`, '30 s', targets, wholeLife);
        const peakWithFew = controller.peakMiB;
        await controller.stop();
        await step(`making ${pods - targets - few} more pods`, '60 s', () =>
          addPods(client, { namespace: NAMESPACE, nodeCount, from: targets + few, to: pods }),
        );
        controller = new ControllerProcess(kubeconfig, NAMESPACE);
        const again = await measure('the same again', '30 s', targets, wholeLife);
        const peakWithMany = controller.peakMiB;
        const what = `${experiments} experiments of ${EACH} pods`;
        const many = await measure(what, '60 s', experiments * EACH, (cpuSpent) => runMany(client, cpuSpent));
        const peak = controller.peakMiB;
        const idle = await step('looking at it while nothing happens', `${idleSeconds} s`, () =>
          idleFor(controller, server),
        );
        const rows = [
          [`1 × ${targets} of ${targets + few} pods`, first],
          [`1 × ${targets} of ${pods} pods`, again],
          [`${experiments} × ${EACH} of ${pods} pods, all at once`, many],
        ].map(([name, { times, ratio, cpuRatio, perTarget }]) => [
          name,
          seconds(at(times, 0.5)),
          times.length > 1 ? seconds(at(times, 0.99)) : '',
          ratio.toFixed(2),
          cpuRatio.toFixed(2),
          perTarget?.toFixed(2) ?? '',
        ]);
        const columns = ['experiments', 'p50', 'p99', 'ratio', 'of CPU', 'requests'];
        console.log(table('apply to AllInjected, in seconds', columns, rows));
        console.log(`ratio: to the time that one client needs to create and update as many objects, one after the other, measured with
${SAMPLE} just before (goal: 2.0). of CPU: the same for the API server's processor time, on which other load has no influence.`);
        console.log('requests: for each target about its injection, its whole life (goal: 4).\n');
        const memory = [
          [`one experiment, ${few} pods that are not targets`, peakWithFew],
          [`one experiment, ${pods - targets} pods that are not targets`, peakWithMany],
          [`and ${experiments} experiments`, peak],
        ];
        console.log(
          table('peak memory of the controller, in MiB (goal: below 150)', ['after', 'MiB'], memory),
        );
        console.log(
          table(`${experiments} experiments for ${idleSeconds} s while nothing happens`, ['', ''], idle),
        );
      } finally {
        await controller.stop();
        await agent.close();
        client.close();
      }
    },
  );
}

/** An action's own result, and its ratios to one client that does as much without Ordeal, measured just before. */
async function measured(client, server, what, time, objects, action) {
  let cpu = server.cpuSeconds;
  const cpuSpent = () => {
    const before = cpu;
    cpu = server.cpuSeconds;
    return cpu - before;
  };
  const raw = await step('creating and updating objects with one client', '5 s', () =>
    rawMilliseconds(client, RAW_NAMESPACE, SAMPLE),
  );
  const rawCpu = cpuSpent();
  await client.deleteAll(injections, { namespace: RAW_NAMESPACE });
  cpuSpent();
  return step(what, time, async () => {
    const result = await action(cpuSpent);
    return {
      ...result,
      ratio: result.whole / ((raw / SAMPLE) * objects),
      cpuRatio: result.cpu / ((rawCpu / SAMPLE) * objects),
    };
  });
}

/** One experiment over all targets, from apply to gone. */
async function oneExperiment(client, server, cpuSpent) {
  const before = server.requests('injections');
  const whole = await injected(client, NAMESPACE, 'one', { target: 'yes' });
  const cpu = cpuSpent();
  await takenBack(client, NAMESPACE, 'one');
  return { times: [whole], whole, cpu, perTarget: (server.requests('injections') - before) / targets };
}

async function runMany(client, cpuSpent) {
  const start = performance.now();
  const times = await Promise.all(
    Array.from({ length: experiments }, (_, i) =>
      injected(client, NAMESPACE, `many-${i}`, { app: `p${i % (targets / EACH)}` }),
    ),
  );
  return { times, whole: performance.now() - start, cpu: cpuSpent() };
}

async function idleFor(controller, server) {
  const kinds = ['injections', 'iochaos', 'pods', 'nodes', 'events'];
  const count = () => server.requests(...kinds);
  const before = { requests: count(), cpu: controller.cpuSeconds };
  await delay(idleSeconds * 1000);
  return [
    ['requests about experiments, injections, pods, nodes and events', count() - before.requests],
    ['CPU of the controller, s', (controller.cpuSeconds - before.cpu).toFixed(2)],
    ['memory of the controller, MiB', controller.residentMiB],
  ];
}

function at(list, share) {
  return [...list].sort((a, b) => a - b)[Math.ceil(list.length * share) - 1];
}

function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(2);
}
