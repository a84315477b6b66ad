// Files that no rule can touch: their data passes the server by.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from './compare.mjs';
import { layOut, runFio } from './fio.mjs';
import { loadName, loads } from './loads.mjs';
import { bare, libfuse, ordeal } from './servers.mjs';

const OF_BARE = 0.9;
const OF_LIBFUSE = 5;

/** What a reader of the table should know. */
export const PASSTHROUGH_NOTES = [
  'Direct: for a synchronous request the kernel takes the flags of the backing file (fs/backing-file.c), which Ordeal opens',
  'without O_DIRECT, since a client may clear its own at any time, as dd does: so such I/O goes through the page cache of the',
  'backing file, which is faster for reads, and slower for writes as soon as dirty pages are throttled.',
  'Sequential: the bare file system itself, in the rows `of bare`, is less than 5 times as fast as the examples.',
];

/** @param {import('./io.mjs').Bench} bench */
export async function passthroughRows(bench) {
  const { tmpfs, ext4 } = bench.stores;
  const direct = loads({ direct: true });
  const reads = loads({ direct: false }).filter(({ kind }) => kind.endsWith('read'));
  const bareAlone = async (tree) => [await bare(tree('bare'))];
  const examples = (options) => async (tree) => [
    await libfuse('passthrough_ll', bench.examples.directory, tree('ll'), options),
    await libfuse('passthrough_hp', bench.examples.directory, tree('hp'), options),
  ];
  return [
    // A device's time is nobody's CPU time.
    ...(await rowsOf(bench, ext4, direct, 'ext4', { goal: OF_BARE, clock: 'wall', peers: bareAlone })),
    ...(await rowsOf(bench, tmpfs, direct, 'tmpfs', { goal: OF_BARE, clock: 'cpu', peers: bareAlone })),
    ...(await rowsOf(bench, tmpfs, reads, 'tmpfs', { goal: OF_LIBFUSE, clock: 'cpu', peers: examples({}) })),
    ...(await rowsOf(bench, tmpfs, reads, 'tmpfs, libfuse with page cache', {
      goal: undefined,
      clock: 'cpu',
      peers: examples({ cached: true }),
    })),
    ...(await rowsOf(bench, tmpfs, reads, 'tmpfs, of bare', {
      goal: undefined,
      clock: 'cpu',
      peers: bareAlone,
    })),
  ];
}

async function rowsOf(bench, store, wanted, storeName, { goal, clock, peers: makePeers }) {
  const tree = (name) => {
    const path = join(store, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const own = await ordeal(tree('ordeal'), {
    path: { pattern: `${join(store, 'ordeal')}/elsewhere/**` },
  });
  const peers = await makePeers(tree);
  try {
    for (const { path } of [own, ...peers]) await layOut(path);
    const rows = [];
    for (const load of wanted.filter(bench.wants)) {
      const measure = (server) => () => runFio(server, load, bench.seconds, clock);
      rows.push(
        await compare(
          `${loadName(load)}, ${storeName}`,
          goal,
          bench.rounds,
          measure(own),
          peers.map((peer) => ({ name: peer.name, measure: measure(peer) })),
        ),
      );
      bench.tell(rows.at(-1));
    }
    return rows;
  } finally {
    for (const server of [own, ...peers]) await server.stop();
  }
}
