// Everything that a process serves itself: Ordeal with a rule that matches the volume, libfuse's examples without caches.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from './compare.mjs';
import { callsPerOperation } from './count-calls.mjs';
import { layOut, runFio } from './fio.mjs';
import { loadName, loads } from './loads.mjs';
import { buildMetadata, PHASES, runMetadata } from './metadata.mjs';
import { libfuse, ordeal } from './servers.mjs';

const GOAL = 1;
/** One job and 4 KiB: nothing but the way to the server and back. */
const GOAL_ALONE = 1.1;
/** Seconds. */
const WARM_UP = 0.3;

/** Rules that never fire. All requests are judged by the first, reads and writes by the second. */
export const EVERY_METHOD = {};
const DATA = { methods: ['read', 'write'] };

/** What a reader of the table should know. */
export const SERVED_NOTES = [
  'passthrough_hp answers buffered reads from the page cache, also with --nocache: such a read is no request for data, as',
  'it has to be where a rule may meet it. Its rows for them stand apart.',
  'Calls: system calls of the server for an operation of its client, which may be several requests, of Ordeal and of that peer.',
  "The examples leave permissions to nobody; Ordeal has the kernel check them by the tree's own attributes, which it asks",
  'for again after each change of a directory. The rows `both check` give passthrough_ll default_permissions, too.',
  '`--part profile` tells where the time of an operation goes.',
];

/** @param {import('./io.mjs').Bench} bench */
export async function servedRows(bench) {
  const direct = loads({ direct: true });
  return [
    ...(await dataRows(bench, 'tmpfs', 'cpu', [...loads({ direct: false }), ...direct])),
    // A device's time is nobody's CPU time.
    ...(await dataRows(
      bench,
      'ext4',
      'wall',
      direct.filter(({ block }) => block === '4k'),
    )),
    ...(await metadataRows(bench, EVERY_METHOD, 'rule for all methods')),
    ...(await metadataRows(bench, DATA, 'rule for reads and writes')),
    ...(await metadataRows(bench, DATA, 'rule for reads and writes, both check', { checked: true })),
  ];
}

/**
 * @param {import('./io.mjs').Bench} bench
 * @param {'tmpfs' | 'ext4'} store
 * @param {'wall' | 'cpu'} clock see {@link runFio}
 * @param {import('./fio.mjs').Load[]} wanted
 * @param {(load: import('./fio.mjs').Load) => number} goalOf
 */
export async function dataRows(bench, store, clock, wanted, goalOf = usualGoal) {
  return withServers(bench, bench.stores[store], EVERY_METHOD, async ([own, ...peers]) => {
    for (const { path } of [own, ...peers]) await layOut(path);
    const rows = [];
    for (const load of wanted.filter(bench.wants)) {
      const measure = (server) => () => runFio(server, load, bench.seconds, clock);
      const cached = !load.direct && load.kind.endsWith('read');
      // Code that has not run yet is compiled first.
      const calls = new Map();
      for (const server of [own, ...peers]) {
        calls.set(server, await callsPerOperation(server.pid, () => runFio(server, load, WARM_UP, clock)));
      }
      const groups = cached ? peers.map((peer) => [peer]) : [peers];
      for (const group of groups) {
        const apart = cached && group[0].name === 'passthrough_hp' ? ' (its page cache)' : '';
        rows.push(
          await compare(
            `${loadName(load)}, ${store}${apart}`,
            goalOf(load),
            bench.rounds,
            measure(own),
            group.map((peer) => ({ name: peer.name, measure: measure(peer), calls: calls.get(peer) })),
            calls.get(own),
          ),
        );
        bench.tell(rows.at(-1));
      }
    }
    return rows;
  });
}

function usualGoal({ block, jobs }) {
  return block === '4k' && jobs === 1 ? GOAL_ALONE : GOAL;
}

async function metadataRows(bench, rule, ruleName, options = {}) {
  const program = buildMetadata(bench.scratch);
  const measureAll = async (servers) => {
    const runs = new Map(servers.map((server) => [server, []]));
    const calls = new Map();
    for (const server of servers) {
      await runMetadata(program, server, WARM_UP);
      calls.set(server, await callsByPhase(program, server));
    }
    for (let round = 0; round < bench.rounds; round++) {
      for (const server of servers) runs.get(server).push(await runMetadata(program, server, bench.seconds));
    }
    const rows = [];
    for (const phase of PHASES) {
      const of = (server) => {
        const left = runs.get(server).map((run) => run[phase]);
        return async () => left.shift();
      };
      const [own, ...peers] = servers;
      rows.push(
        await compare(
          `${phase}, ${ruleName}, tmpfs`,
          GOAL,
          bench.rounds,
          of(own),
          peers.map((peer) => ({ name: peer.name, measure: of(peer), calls: calls.get(peer)[phase] })),
          calls.get(own)[phase],
        ),
      );
      bench.tell(rows.at(-1));
    }
    return rows;
  };
  return withServers(bench, bench.stores.tmpfs, rule, measureAll, options);
}

/** System calls of the server for an operation of each phase. */
async function callsByPhase(program, server) {
  const calls = {};
  for (const phase of PHASES) {
    const run = async () => (await runMetadata(program, server, 0, phase))[phase];
    calls[phase] = await callsPerOperation(server.pid, run);
  }
  return calls;
}

/** Each server has a tree of its own: an injection would move the others' files, too. */
export async function withServers(bench, store, rule, body, options = {}) {
  const tree = (name) => {
    const path = join(store, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const { directory } = bench.examples;
  const servers = [
    await ordeal(tree('ordeal'), rule),
    await libfuse('passthrough_ll', directory, tree('ll'), options),
    ...(options.checked ? [] : [await libfuse('passthrough_hp', directory, tree('hp'))]),
  ];
  try {
    return await body(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}
