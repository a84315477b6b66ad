// `npm run bench -- io [--rounds N] [--part NAME] [--only TEXT]`: the fault file system against libfuse's own examples and against the
// bare file system, in one run on this machine. Needs root; all mounts are made in a mount namespace of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { IO_BENCH_PACKAGES, installDebian } from '../../scripts/debian-packages.mjs';
import { quietly } from '../../scripts/step.mjs';
import { table } from '../table.mjs';
import { cells, HEAD } from './compare.mjs';
import { CPU } from './cpus.mjs';
import { delayTable } from './delay-row.mjs';
import { buildLibfuseExamples } from './libfuse-examples.mjs';
import { loadName } from './loads.mjs';
import { memoryTable } from './memory-row.mjs';
import { PASSTHROUGH_NOTES, passthroughRows } from './passthrough-rows.mjs';
import { POWER_LOSS_NOTES, powerLossRows } from './power-loss-rows.mjs';
import { profileTable } from './profile-rows.mjs';
import { SERVED_NOTES, servedRows } from './served-rows.mjs';
import { slowTable } from './slow-rows.mjs';
import { stopTable } from './stop-row.mjs';
import { makeStores } from './stores.mjs';
import { twoCpuRows } from './two-cpu-rows.mjs';

/**
 * @typedef {object} Bench
 * @property {number} rounds of each row
 * @property {number} seconds of each measurement
 * @property {string} scratch
 * @property {{ version: string, directory: string }} examples
 * @property {ReturnType<typeof makeStores>} stores
 * @property {(load: import('./fio.mjs').Load) => boolean} wants whether a load was asked for
 * @property {(row: import('./compare.mjs').Row) => void} tell shows a row as soon as it is there
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    part: { type: 'string', multiple: true },
    only: { type: 'string', default: '' },
    inside: { type: 'boolean', default: false },
  },
});

const rowTable =
  (title, rows, notes = []) =>
  async (bench) =>
    [table(title, HEAD, (await rows(bench)).map(cells)), ...notes.map((line) => `${line}\n`)].join('');

/** The tables by name. */
const PARTS = {
  served: rowTable(
    'Served by the process: operations a second (ext4), or a second of CPU time (tmpfs)',
    servedRows,
    SERVED_NOTES,
  ),
  'two-cpus': rowTable('Served on two CPUs: operations a second', twoCpuRows),
  passthrough: rowTable(
    'Passed through: operations a second (ext4), or a second of CPU time (tmpfs)',
    passthroughRows,
    PASSTHROUGH_NOTES,
  ),
  'power-loss': rowTable(
    'With a powerLoss rule: operations a second (ext4), or a second of CPU time (tmpfs)',
    powerLossRows,
    POWER_LOSS_NOTES,
  ),
  profile: profileTable,
  slow: slowTable,
  delay: delayTable,
  stop: stopTable,
  memory: memoryTable,
};

if (values.inside) await measure();
else await enter();

async function enter() {
  await installDebian(IO_BENCH_PACKAGES);
  await buildLibfuseExamples();
  const program = fileURLToPath(import.meta.url);
  const command = [
    '--mount',
    '--propagation',
    'private',
    process.execPath,
    program,
    ...process.argv.slice(2),
  ];
  process.exitCode = spawnSync('unshare', [...command, '--inside'], { stdio: 'inherit' }).status ?? 1;
}

async function measure() {
  const scratch = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
  process.env.ORDEAL_RUN = join(scratch, 'run');
  const stores = makeStores(scratch);
  const bench = {
    rounds: Number(values.rounds),
    seconds: 1,
    scratch,
    examples: await buildLibfuseExamples(),
    stores,
    wants: (load) => loadName(load).includes(values.only),
    tell: (row) => process.stderr.write(`${cells(row).join('  ')}\n`),
  };
  try {
    const fio = (await quietly(['fio', '--version'])).trim();
    process.stdout.write(
      `${fio}, libfuse ${bench.examples.version}; servers and clients all on CPU ${CPU}; medians of ${bench.rounds} rounds\n\n`,
    );
    for (const part of values.part ?? Object.keys(PARTS)) {
      process.stdout.write(`${await PARTS[part](bench)}\n`);
    }
  } finally {
    stores.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}
