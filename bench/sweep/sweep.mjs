// `npm run bench -- sweep [--runs N]`: a sweep over the I/O of `sqlite3` doing one insert, against as many bare runs of it.
// Needs root, /dev/fuse and sqlite3.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepCpusAwake } from '../../packages/linux/dist/index.js';
import { table } from '../table.mjs';

const ORDEAL = fileURLToPath(new URL('../../packages/cli/bin/ordeal.mjs', import.meta.url));

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' } } });
const runs = Number(values.runs);
const directory = mkdtempSync(join(tmpdir(), 'ordeal-bench-sweep-'));
const volume = join(directory, 'volume');
const database = join(volume, 't.db');
const kept = join(directory, 't.db');
const document = join(directory, 'writes.yaml');
const command = ['sqlite3', database, 'INSERT INTO t VALUES(1)'];
mkdirSync(volume);
writeFileSync(
  document,
  `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: writes }
spec: { mode: one, selector: {}, action: fault, errno: 5, methods: [write, fsync], volumePath: ${volume} }
`,
);
try {
  must('sqlite3', [database, 'CREATE TABLE t(x)']);
  copyFileSync(database, kept);
  const requests = sweep('1').matches;
  const numbers = Array.from({ length: runs }, (_, index) => 1 + (index % requests));
  // Bare runs before and after, so that other load on the machine meets both alike.
  const before = bareRuns(runs / 2);
  const sweptMs = sweep(numbers.join(',')).elapsedMs;
  const bareMs = before + bareRuns(runs / 2);
  const awake = keepCpusAwake();
  const awakeMs = bareRuns(runs);
  awake?.close();
  process.stdout.write(
    table(
      `${runs} runs of sqlite3 doing one insert (${requests} matching requests)`,
      ['', 'ms a run', 'at most'],
      [
        ['bare, the database copied back before each', (bareMs / runs).toFixed(2), ''],
        ['the same with idle CPUs kept awake, as the sweep does', (awakeMs / runs).toFixed(2), ''],
        ['sweep: one request fails in each', (sweptMs / runs).toFixed(2), ''],
        ['ratio of sweep to bare', (sweptMs / bareMs).toFixed(2), '1.5'],
      ],
    ),
  );
} finally {
  rmSync(directory, { recursive: true });
}

function bareRuns(count) {
  const begun = performance.now();
  for (let index = 0; index < count; index++) {
    copyFileSync(kept, database);
    must(command[0], command.slice(1));
  }
  copyFileSync(kept, database);
  return performance.now() - begun;
}

/** The runs with these numbers; the time is that of all runs, the two without a fault included. */
function sweep(numbers) {
  const words = [ORDEAL, 'sweep', document, '--json', '--only', numbers, '--', ...command];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
  const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  const done = events.find(({ type }) => type === 'done');
  const baseline = events.find(({ type }) => type === 'baseline');
  if (!done || !baseline) throw new Error(stderr);
  return { elapsedMs: done.elapsedMs, matches: baseline.matches };
}

function must(name, words) {
  const { status, stderr } = spawnSync(name, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
}
