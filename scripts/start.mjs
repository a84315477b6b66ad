// npm start: both engines at work, from a fresh checkout. First writes of a running shell fail on this host, which needs no
// special kernel; then mounts fail inside the kernel: this host's where it can inject, else that of the lab VM.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installDebian } from './debian-packages.mjs';
import { build, installPackages, requireNode } from './prepare.mjs';
import { root } from './root.mjs';
import { capture, foreground, main, quietly, StepError } from './step.mjs';

const ordeal = join(root, 'packages/cli/bin/ordeal.mjs');
const source = join(root, 'examples/mount-loop.c');
const program = join(root, '.cache/mount-loop');
/** The `volumePath` of examples/io-fault.yaml. */
const volume = '/tmp/ordeal-example';
/** Holds a file open and writes a line to it every 0.4 s; says of each whether it was written. */
const writer = `exec 3>>${volume}/log; while sleep 0.4; do echo line >&3 && echo written; done`;

await main(async () => {
  requireNode();
  if (process.getuid?.() !== 0) {
    throw new StepError('npm start injects faults and needs root: sudo npm start');
  }
  await installPackages();
  await build();
  const parts = [
    ['I/O faults on this host', await showIoFault()],
    ['kernel faults', await showKernelFault()],
  ];
  console.log('\nWhat you saw');
  for (const [what, { code, seen }] of parts) {
    console.log(`  ${what.padEnd(26)}${code === 0 ? seen : `failed, exit code ${code}`}`);
  }
  console.log('Next: the guides in docs/guides, or: npx ordeal --help');
  return parts.find(([, { code }]) => code !== 0)?.[1].code ?? 0;
});

async function showIoFault() {
  heading('1 of 2', 'writes of a running shell fail with EIO for five seconds, on this host');
  mkdirSync(volume, { recursive: true });
  try {
    const flags = ['--before', '1s', '--after', '1s', '--require-faults'];
    const code = await runOrdeal(['run', 'examples/io-fault.yaml', ...flags, '--', 'sh', '-c', writer]);
    return { code, seen: 'writes to a file that was open already failed, then all worked again' };
  } finally {
    rmSync(volume, { recursive: true, force: true });
  }
}

async function showKernelFault() {
  heading('2 of 2', 'slab allocations below mount(2) fail inside the kernel');
  await compileSample();
  const obstacle = await whyNotHere();
  if (obstacle) console.log(`This kernel cannot inject (${obstacle}): rehearsing in the lab VM.`);
  const flags = ['--before', '3s', '--duration', '5s', '--after', '3s', '--require-faults'];
  const run = ['run', 'examples/kernel-mount.yaml', ...flags];
  const args = [...(obstacle ? ['lab'] : []), ...run, '--', `./${relative(root, program)}`];
  const where = obstacle ? 'in the lab VM' : 'on this host';
  return { code: await runOrdeal(args), seen: `mount(2) failed with "Cannot allocate memory" ${where}` };
}

function heading(count, text) {
  console.log(`\n${count}: ${text}`);
}

async function runOrdeal(args) {
  const quoted = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`));
  console.log(`$ ordeal ${quoted.join(' ')}`);
  return await foreground([process.execPath, ordeal, ...args], { cwd: root });
}

async function compileSample() {
  if (mtime(program) > mtime(source)) return;
  mkdirSync(join(root, '.cache'), { recursive: true });
  const compile = () => capture(['gcc', '-O1', '-o', program, source]);
  if ((await compile()).code === 0) return;
  await installDebian({ gcc: 'gcc', 'libc6-dev': '/usr/include/stdio.h' });
  const { code, output } = await compile();
  if (code !== 0) throw new StepError(`examples/mount-loop.c does not compile:\n${output}`);
}

/** In words, why slab faults cannot be made here; empty where they can. */
async function whyNotHere() {
  const report = JSON.parse(await quietly([process.execPath, ordeal, 'doctor', '--json']));
  if (report.blocked) return report.blocked;
  const { mechanisms } = report.faults[0];
  if (mechanisms.some(({ works }) => works)) return '';
  return `it lacks ${[...new Set(mechanisms.map(({ missing, reason }) => missing ?? reason))].join(' and ')}`;
}

function mtime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
