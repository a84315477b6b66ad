// How long a process is stopped while it is moved under the faults. All that takes part is bound to one CPU.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../table.mjs';
import { bound, CPU } from './cpus.mjs';
import { ordeal } from './servers.mjs';

/** Files, threads, and the median that is wanted, ms. */
const CROWDS = [
  { files: 1000, threads: 50, goal: 10 },
  { files: 5, threads: 2, goal: 2 },
];
/** Injections for each round of the bench. */
const TURNS = 7;

/** @param {import('./io.mjs').Bench} bench */
export async function stopTable(bench) {
  const program = join(bench.scratch, 'crowd');
  const source = fileURLToPath(new URL('../../packages/move/fixtures/crowd.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-pthread', '-o', program, source]);
  const rows = [];
  for (const crowd of CROWDS) rows.push(await stopRow(bench, program, crowd));
  const times = TURNS * bench.rounds;
  return table(
    `A process is moved: how long it stands still, ms (${times} times; it, the mover and the server on CPU ${CPU})`,
    ['', 'least', 'median', '90 %', 'most', 'goal', ''],
    rows,
  );
}

async function stopRow(bench, program, { files, threads, goal }) {
  const tree = join(bench.stores.tmpfs, `crowd-${files}`);
  mkdirSync(tree, { recursive: true });
  const [command, ...words] = bound([program, tree, String(files), String(threads)]);
  const crowd = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(crowd.stdout, 'data');
    const stops = [];
    for (let turn = 0; turn < TURNS * bench.rounds; turn++) {
      const server = await ordeal(tree, { methods: ['read', 'write'] });
      stops.push(...server.stops);
      await server.stop();
    }
    stops.sort((a, b) => a - b);
    const at = (share) => stops[Math.min(Math.floor(stops.length * share), stops.length - 1)].toFixed(1);
    const median = at(0.5);
    const verdict = Number(median) < goal ? 'met' : 'not met';
    return [`${files} files, ${threads} threads`, at(0), median, at(0.9), at(1), `< ${goal}`, verdict];
  } finally {
    crowd.kill('SIGKILL');
  }
}
