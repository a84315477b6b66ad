// `npm run bench -- lab [--rounds N] [--other DIRECTORY] [--build]`: how long the lab takes from the start of QEMU to the first
// program, under KVM where that works and emulated. With --other the same of another built checkout of this repository, in
// turn with this one. With --build also the processor time that each needs to unpack, configure and build its kernel, in
// an empty cache: minutes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { median, table } from '../table.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    other: { type: 'string' },
    build: { type: 'boolean', default: false },
  },
});
let shown = '';
const progress = ({ step, stage }) => {
  const line = `${step}${stage ? `: ${stage}` : ''}\n`;
  if (line !== shown) process.stderr.write(line);
  shown = line;
};
const sides = [await side('this', fileURLToPath(new URL('../..', import.meta.url)))];
if (values.other !== undefined) sides.unshift(await side('other', values.other));

if (values.build) process.stdout.write(buildTable());
process.stdout.write(await bootTable());

async function side(name, directory) {
  const module = pathToFileURL(join(resolve(directory), 'packages/lab/dist/index.js')).href;
  const lab = await import(module);
  await lab.prepareTools({ progress, purpose: lab.DEFAULT_FLAVOUR });
  return { name, module, lab, kernelImage: (await lab.buildKernel({ progress })).imagePath };
}

function buildTable() {
  const rows = sides.map(({ name, module }) => {
    const { user, system } = buildSeconds(module);
    return [name, user.toFixed(0), system.toFixed(0), (user + system).toFixed(0)];
  });
  return table('A kernel from nothing (seconds of processor time)', ['', 'user', 'system', 'sum'], rows);
}

/** Of all processes that a build takes, by the shell's `times`. */
function buildSeconds(module) {
  const cache = mkdtempSync(join(tmpdir(), 'ordeal-bench-lab-'));
  try {
    const build = `import { buildKernel } from ${JSON.stringify(module)}; await buildKernel();`;
    const shell = spawnSync(
      'sh',
      ['-c', '"$@" && times', 'sh', process.execPath, '--input-type=module', '-e', build],
      {
        env: { ...process.env, ORDEAL_CACHE: cache },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    if (shell.status !== 0) throw new Error('the kernel could not be built');
    const [user, system] = shell.stdout.trim().split('\n').at(-1).split(' ').map(seconds);
    return { user, system };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** `1m2.5s` in seconds. */
function seconds(text) {
  const [minutes, rest] = text.split('m');
  return Number(minutes) * 60 + Number.parseFloat(rest);
}

async function bootTable() {
  const rounds = Number(values.rounds);
  const rows = [];
  for (const accelerator of new Set([await usual(), 'tcg'])) {
    const times = new Map(sides.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, lab, kernelImage } of sides) {
        const vm = await lab.bootVm({ kernelImage, accelerator });
        times.get(name).push(vm.bootMs);
        await vm.shutdown();
      }
    }
    rows.push([accelerator, ...sides.map(({ name }) => Math.round(median(times.get(name))))]);
  }
  const head = ['', ...sides.map(({ name }) => name)];
  return table(`From the start to the first program (ms, median of ${rounds})`, head, rows);
}

/** What the lab uses on this host; finding out can take a trial. */
async function usual() {
  const [{ lab, kernelImage }] = sides;
  const vm = await lab.bootVm({ kernelImage });
  await vm.shutdown();
  return vm.accelerator;
}
