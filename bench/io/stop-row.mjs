// How long a process with many files and threads is stopped while it is moved under the faults.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table } from '../table.mjs';
import { ordeal } from './servers.mjs';

const GOAL = 10;
const FILES = 1000;
const THREADS = 50;
/** Injections for each round of the bench. */
const TURNS = 7;

/** @param {import('./io.mjs').Bench} bench */
export async function stopTable(bench) {
  const tree = join(bench.stores.tmpfs, 'crowd');
  const program = join(bench.scratch, 'crowd');
  mkdirSync(tree, { recursive: true });
  const source = fileURLToPath(new URL('../../packages/move/fixtures/crowd.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-pthread', '-o', program, source]);
  const crowd = spawn(program, [tree, String(FILES), String(THREADS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
    return table(
      `A process with ${FILES} open files and ${THREADS} threads is moved: how long it stands still, ms (${stops.length} times)`,
      ['', 'least', 'median', '90 %', 'most', 'goal', ''],
      [['stopped', at(0), median, at(0.9), at(1), `< ${GOAL}`, Number(median) < GOAL ? 'met' : 'not met']],
    );
  } finally {
    crowd.kill('SIGKILL');
  }
}
