// How long the slowest of a thousand requests take that a process serves.
import { median, table } from '../table.mjs';
import { spreadOf } from './compare.mjs';
import { layOut, runFio } from './fio.mjs';
import { loadName, loads } from './loads.mjs';
import { EVERY_METHOD, withServers } from './served-rows.mjs';

/** Of the peer's time, at most. */
const GOAL = 2;
const HEAD = ['', 'ordeal', 'passthrough_ll', 'ratio', 'spread', 'goal', ''];

/** @param {import('./io.mjs').Bench} bench */
export async function slowTable(bench) {
  const wanted = loads({ direct: true }).filter((load) => load.block === '4k' && bench.wants(load));
  const rows = await withServers(bench, bench.stores.tmpfs, EVERY_METHOD, async ([own, peer]) => {
    for (const { path } of [own, peer]) await layOut(path);
    const measured = [];
    for (const load of wanted) measured.push(await rowOf(bench, load, own, peer));
    return measured;
  });
  return table('p99.9 of the answer times of served requests on tmpfs, microseconds', HEAD, rows);
}

async function rowOf(bench, load, own, peer) {
  const slow = async (server) => {
    const outcome = await runFio(server, load, bench.seconds, 'wall');
    if ('refusal' in outcome) throw new Error(`${loadName(load)}: ${server.name}: ${outcome.refusal}`);
    return outcome.slow;
  };
  const [ours, theirs] = [[], []];
  // The first round only compiles what has not run yet.
  for (let round = -1; round < bench.rounds; round++) {
    const [one, other] = [await slow(own), await slow(peer)];
    if (round < 0) continue;
    ours.push(one);
    theirs.push(other);
  }
  const ratios = ours.map((value, round) => value / theirs[round]);
  const ratio = median(ratios);
  return [
    loadName(load),
    median(ours).toFixed(0),
    median(theirs).toFixed(0),
    ratio.toFixed(2),
    spreadOf(ratios),
    `<= ${GOAL}`,
    ratio <= GOAL ? 'met' : 'not met',
  ];
}
