// What it costs to keep what a power failure could take away: the same served volume with a powerLoss rule and without.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from './compare.mjs';
import { layOut, runFio } from './fio.mjs';
import { loadName } from './loads.mjs';
import { ordeal } from './servers.mjs';

const OF_WRITES = 0.7;
const OF_READS = 0.9;

/** What a reader of the table should know. */
export const POWER_LOSS_NOTES = ['Peer: an injection whose rule sees every read and write, and never fires.'];

const LOADS = [
  { kind: 'randwrite', block: '4k', direct: false, jobs: 1, fsync: 100 },
  { kind: 'randread', block: '4k', direct: false, jobs: 1 },
  { kind: 'read', block: '128k', direct: false, jobs: 1 },
];

/** @param {import('./io.mjs').Bench} bench */
export async function powerLossRows(bench) {
  const { tmpfs, ext4 } = bench.stores;
  return [...(await rowsOf(bench, tmpfs, 'tmpfs', 'cpu')), ...(await rowsOf(bench, ext4, 'ext4', 'wall'))];
}

async function rowsOf(bench, store, storeName, clock) {
  const [kept, plain] = ['kept', 'plain'].map((name) => join(store, name));
  for (const path of [kept, plain]) mkdirSync(path, { recursive: true });
  const own = await ordeal(kept, {
    action: 'powerLoss',
    percent: 100,
    powerLoss: { lose: 'all', metadata: 'ordered' },
  });
  const peer = await ordeal(plain, { methods: ['read', 'write'] });
  try {
    for (const { path } of [own, peer]) await layOut(path);
    const rows = [];
    for (const load of LOADS.filter(bench.wants)) {
      const measure = (server) => () => runFio(server, load, bench.seconds, clock);
      const goal = load.kind === 'randwrite' ? OF_WRITES : OF_READS;
      const name = `${loadName(load)}, ${storeName}`;
      const peers = [{ name: 'without', measure: measure(peer) }];
      rows.push(await compare(name, goal, bench.rounds, measure(own), peers));
      bench.tell(rows.at(-1));
    }
    return rows;
  } finally {
    for (const server of [own, peer]) await server.stop();
  }
}
