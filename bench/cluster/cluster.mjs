// `npm run bench:cluster [-- --pods N --nodes N --targets N --experiments N --idle SECONDS]`: the controller over simulated nodes,
// against a real API server. Pods and nodes are only objects, and a stand-in answers for all agents.
// `npm run bench:cluster -- --node [--rounds N]`: how soon faults begin and end in pods of a real node.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { installCrds, StandInAgent } from '../../packages/controller/dist/testing/index.js';
import { connect } from '../../packages/kube/dist/index.js';
import { withTestCluster, withTestNode } from '../../scripts/cluster/test-cluster.mjs';
import { main, step } from '../../scripts/step.mjs';
import { table } from '../table.mjs';
import { ControllerProcess } from './controller-process.mjs';
import { benchNode } from './node.mjs';
import { addPods, injected, makePods, rawMilliseconds, takenBack } from './simulated.mjs';

/** Pods of each of many experiments. */
const EACH = 10;
const NAMESPACE = 'bench';

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
  return withTestNode(({ ORDEAL_TEST_KUBECONFIG }) =>
    benchNode(ORDEAL_TEST_KUBECONFIG, Number(values.rounds)),
  );
}

function benchSimulatedNodes() {
  return withTestCluster(
    async ({ ORDEAL_TEST_KUBECONFIG: kubeconfig, ORDEAL_TEST_KUBE_BINARIES: binaries }) => {
      const client = await connect({ files: [kubeconfig] });
      const requests = (resource) => requestsFor(join(binaries, 'kubectl'), kubeconfig, resource);
      await installCrds(client);
      const stage = { namespace: NAMESPACE, nodeCount, targets, others: few, each: EACH };
      await step(`making ${targets + few} pods on ${nodeCount} nodes`, '30 s', () => makePods(client, stage));
      const raw = await step('creating and updating objects with one client', '10 s', () =>
        rawMilliseconds(client, NAMESPACE, targets),
      );
      const agent = new StandInAgent(client, NAMESPACE);
      let controller = new ControllerProcess(kubeconfig, NAMESPACE);
      try {
        await injected(client, NAMESPACE, 'warm-up', { app: 'p0' });
        await takenBack(client, NAMESPACE, 'warm-up');
        const { one, perTarget } = await step(`one experiment over ${targets} pods`, '30 s', () =>
          wholeLife(client, requests),
        );
        const peakWithFew = controller.peakMiB;
        await controller.stop();
        await step(`making ${pods - targets - few} more pods`, '60 s', () =>
          addPods(client, { namespace: NAMESPACE, nodeCount, from: targets + few, to: pods }),
        );
        controller = new ControllerProcess(kubeconfig, NAMESPACE);
        const again = await step('the same again', '30 s', () => wholeLife(client, requests));
        const peakWithMany = controller.peakMiB;
        const many = await step(`${experiments} experiments of ${EACH} pods`, '60 s', () => runMany(client));
        const peak = controller.peakMiB;
        const idle = await step('looking at it while nothing happens', `${idleSeconds} s`, () =>
          idleFor(controller, requests),
        );
        const ratio = (milliseconds, objects) => (milliseconds / ((raw / targets) * objects)).toFixed(2);
        const rows = [
          [
            `1 × ${targets} of ${targets + few} pods`,
            seconds(one),
            '',
            ratio(one, targets),
            perTarget.toFixed(2),
          ],
          [
            `1 × ${targets} of ${pods} pods`,
            seconds(again.one),
            '',
            ratio(again.one, targets),
            again.perTarget.toFixed(2),
          ],
          [
            `${experiments} × ${EACH} of ${pods} pods, all at once`,
            seconds(at(many.times, 0.5)),
            seconds(at(many.times, 0.99)),
            ratio(many.whole, experiments * EACH),
            '',
          ],
        ];
        console.log(
          table('apply to AllInjected, in seconds', ['experiments', 'p50', 'p99', 'ratio', 'requests'], rows),
        );
        console.log(
          'ratio: to the time that one client needs to create and update as many objects, one after the other (goal: 2.0).',
        );
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

/** One experiment over all targets, from apply to gone. */
async function wholeLife(client, requests) {
  const before = requests('injections');
  const one = await injected(client, NAMESPACE, 'one', { target: 'yes' });
  await takenBack(client, NAMESPACE, 'one');
  return { one, perTarget: (requests('injections') - before) / targets };
}

async function runMany(client) {
  const start = performance.now();
  const times = await Promise.all(
    Array.from({ length: experiments }, (_, i) =>
      injected(client, NAMESPACE, `many-${i}`, { app: `p${i % (targets / EACH)}` }),
    ),
  );
  return { times, whole: performance.now() - start };
}

async function idleFor(controller, requests) {
  const kinds = ['injections', 'iochaos', 'pods', 'nodes', 'events'];
  const count = () => kinds.reduce((sum, kind) => sum + requests(kind), 0);
  const before = { requests: count(), cpu: controller.cpuSeconds };
  await delay(idleSeconds * 1000);
  return [
    ['requests about experiments, injections, pods, nodes and events', count() - before.requests],
    ['CPU of the controller, s', (controller.cpuSeconds - before.cpu).toFixed(2)],
    ['memory of the controller, MiB', controller.residentMiB],
  ];
}

/** Requests about a kind that the API server has answered, watches aside. */
function requestsFor(kubectl, kubeconfig, resource) {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28 };
  const metrics = execFileSync(kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', '/metrics'], options);
  let sum = 0;
  for (const [, labels, count] of metrics.matchAll(/^apiserver_request_total\{([^}]*)\} (\S+)$/gm)) {
    if (labels.includes(`resource="${resource}"`) && !labels.includes('verb="WATCH"')) sum += Number(count);
  }
  return sum;
}

function at(list, share) {
  return [...list].sort((a, b) => a - b)[Math.ceil(list.length * share) - 1];
}

function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(2);
}
