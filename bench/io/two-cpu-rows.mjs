// Eight clients and their server on two CPUs: Ordeal's one serving thread against the many of libfuse's examples.
import { compare } from './compare.mjs';
import { CPU, onCpus } from './cpus.mjs';
import { layOut, runFio } from './fio.mjs';
import { loadName, loads } from './loads.mjs';
import { EVERY_METHOD, withServers } from './served-rows.mjs';

const GOAL = 1.5;
/** Seconds. */
const WARM_UP = 0.3;

/** @param {import('./io.mjs').Bench} bench */
export async function twoCpuRows(bench) {
  if (CPU === 0) {
    process.stderr.write('not measured: this machine has one CPU\n');
    return [];
  }
  const wanted = loads({ direct: true }).filter(
    (load) => load.block === '4k' && load.jobs === 8 && bench.wants(load),
  );
  const rows = [];
  for (const store of ['tmpfs', 'ext4']) rows.push(...(await rowsOf(bench, store, wanted)));
  return rows;
}

function rowsOf(bench, store, wanted) {
  const measureAll = async ([own, ...peers]) => {
    const measure = (server, load, seconds) => runFio(server, load, seconds, 'wall');
    const rows = [];
    for (const { path } of [own, ...peers]) await layOut(path);
    for (const load of wanted) {
      for (const server of [own, ...peers]) await measure(server, load, WARM_UP);
      const ours = () => measure(own, load, bench.seconds);
      const theirs = peers.map((peer) => ({
        name: peer.name,
        measure: () => measure(peer, load, bench.seconds),
      }));
      rows.push(await compare(`${loadName(load)}, ${store}`, GOAL, bench.rounds, ours, theirs));
      bench.tell(rows.at(-1));
    }
    return rows;
  };
  return onCpus([CPU - 1, CPU], () => withServers(bench, bench.stores[store], EVERY_METHOD, measureAll));
}
