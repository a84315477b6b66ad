// Eight clients and their server on two CPUs: Ordeal's one serving thread against the many of libfuse's examples.
import { CPU, onCpus } from './cpus.mjs';
import { loads } from './loads.mjs';
import { dataRows } from './served-rows.mjs';

const GOAL = 1.5;

/** @param {import('./io.mjs').Bench} bench */
export async function twoCpuRows(bench) {
  if (CPU === 0) {
    process.stderr.write('not measured: this machine has one CPU\n');
    return [];
  }
  const wanted = loads({ direct: true }).filter(({ block, jobs }) => block === '4k' && jobs === 8);
  const rowsOf = (store) => dataRows(bench, store, 'wall', wanted, () => GOAL);
  return onCpus([CPU - 1, CPU], async () => [...(await rowsOf('tmpfs')), ...(await rowsOf('ext4'))]);
}
