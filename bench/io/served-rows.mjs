// Everything that a process serves itself: Ordeal with a rule that matches the volume, libfuse's examples without caches.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from './compare.mjs';
import { layOut, runFio } from './fio.mjs';
import { loadName, loads } from './loads.mjs';
import { buildMetadata, PHASES, runMetadata } from './metadata.mjs';
import { libfuse, ordeal } from './servers.mjs';

const GOAL = 1;

/** Rules that never fire. All requests are judged by the first, reads and writes by the second. */
const EVERY_METHOD = {};
const DATA = { methods: ['read', 'write'] };

/** @param {import('./io.mjs').Bench} bench */
export async function servedRows(bench) {
  const direct = loads({ direct: true });
  return [
    ...(await dataRows(bench, bench.stores.tmpfs, 'tmpfs', [...loads({ direct: false }), ...direct])),
    ...(await dataRows(
      bench,
      bench.stores.ext4,
      'ext4',
      direct.filter(({ block }) => block === '4k'),
    )),
    ...(await metadataRows(bench, EVERY_METHOD, 'rule for all methods')),
    ...(await metadataRows(bench, DATA, 'rule for reads and writes')),
  ];
}

async function dataRows(bench, store, storeName, wanted) {
  return withServers(bench, store, EVERY_METHOD, async ([own, ...peers]) => {
    for (const { path } of [own, ...peers]) await layOut(path);
    const rows = [];
    for (const load of wanted.filter(bench.wants)) {
      const measure = (server) => () => runFio(server, load, bench.seconds, 'cpu');
      rows.push(
        await compare(
          `${loadName(load)}, ${storeName}`,
          GOAL,
          bench.rounds,
          measure(own),
          peers.map((peer) => ({ name: peer.name, measure: measure(peer) })),
        ),
      );
      bench.tell(rows.at(-1));
    }
    return rows;
  });
}

async function metadataRows(bench, rule, ruleName) {
  const program = buildMetadata(bench.scratch);
  return withServers(bench, bench.stores.tmpfs, rule, async (servers) => {
    const runs = new Map(servers.map((server) => [server, []]));
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
          peers.map((peer) => ({ name: peer.name, measure: of(peer) })),
        ),
      );
      bench.tell(rows.at(-1));
    }
    return rows;
  });
}

/** Each server has a tree of its own: an injection would move the others' files, too. */
async function withServers(bench, store, rule, body) {
  const tree = (name) => {
    const path = join(store, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const { directory } = bench.examples;
  const servers = [
    await ordeal(tree('ordeal'), rule),
    await libfuse('passthrough_ll', directory, tree('ll')),
    await libfuse('passthrough_hp', directory, tree('hp')),
  ];
  try {
    return await body(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}
