// Whether a delay on one file is felt on others: the median answer time of undelayed reads, with and without a client that
// waits for delayed ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../scripts/step.mjs';
import { median, table } from '../table.mjs';
import { bound } from './cpus.mjs';
import { ordeal } from './servers.mjs';

const GOAL = 0.05;
const DELAYED_CLIENTS = 16;

/** @param {import('./io.mjs').Bench} bench */
export async function delayTable(bench) {
  const tree = join(bench.stores.tmpfs, 'delay');
  mkdirSync(tree, { recursive: true });
  const fio = (name, ...rest) => [
    'fio',
    `--name=${name}`,
    `--filename=${join(tree, name)}`,
    '--size=8m',
    '--rw=randread',
    '--bs=4k',
    '--invalidate=0',
    '--group_reporting',
    '--output-format=json',
    ...rest,
  ];
  for (const name of ['slow', 'other']) await capture([...fio(name), '--rw=write']);
  const delayed = {
    action: 'latency',
    delay: 100_000_000,
    percent: 100,
    path: { pattern: join(tree, 'slow') },
  };
  // The second rule never fires, but makes the same process serve the other file.
  const server = await ordeal(tree, { ...delayed, methods: ['read'] }, { methods: ['read'] });
  const undelayed = async () => {
    const { output } = await capture(bound([...fio('other'), '--time_based', `--runtime=${bench.seconds}s`]));
    const [{ read }] = JSON.parse(output.slice(output.indexOf('{'))).jobs;
    return read.clat_ns.percentile['50.000000'] / 1000;
  };
  try {
    const quiet = [];
    const beside = [];
    for (let round = 0; round < bench.rounds; round++) {
      quiet.push(await undelayed());
      const slow = spawn(
        fio('slow')[0],
        [...fio('slow').slice(1), `--numjobs=${DELAYED_CLIENTS}`, '--time_based', '--runtime=60s'],
        {
          stdio: 'ignore',
        },
      );
      const ended = once(slow, 'exit');
      await new Promise((resolve) => setTimeout(resolve, 500));
      beside.push(await undelayed());
      slow.kill('SIGTERM');
      await ended;
    }
    const change = median(beside.map((value, round) => value / quiet[round] - 1));
    return table(
      `Reads of one file while ${DELAYED_CLIENTS} clients wait 100 ms for each of another's`,
      ['', 'alone', 'beside them', 'change', 'goal', ''],
      [
        [
          'median of undelayed reads, us',
          median(quiet).toFixed(1),
          median(beside).toFixed(1),
          `${(change * 100).toFixed(1)} %`,
          `< ${GOAL * 100} %`,
          change < GOAL ? 'met' : 'not met',
        ],
      ],
    );
  } finally {
    await server.stop();
  }
}
