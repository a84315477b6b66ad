// npm start: the main job from a fresh checkout. Installs, builds, and makes the mounts of the sample program fail: on
// this host where its kernel can, else in the lab VM.
import { mkdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installDebian } from './debian-packages.mjs';
import { build, installPackages, requireNode } from './prepare.mjs';
import { root } from './root.mjs';
import { capture, foreground, main, quietly, StepError } from './step.mjs';

const ordeal = join(root, 'packages/cli/bin/ordeal.mjs');
const source = join(root, 'examples/mount-loop.c');
const program = join(root, '.cache/mount-loop');

await main(async () => {
  requireNode();
  if (process.getuid?.() !== 0) {
    throw new StepError('npm start injects kernel faults and needs root: sudo npm start');
  }
  await installPackages();
  await build();
  await compileSample();
  const obstacle = await whyNotHere();
  if (obstacle) console.log(`This kernel cannot inject (${obstacle}): rehearsing in the lab VM.\n`);
  else console.log('This kernel can inject: running here.\n');
  const run = ['run', 'examples/kernel-mount.yaml', '--before', '3s', '--duration', '5s', '--after', '3s'];
  const args = [...(obstacle ? ['lab'] : []), ...run, '--', `./${relative(root, program)}`];
  console.log(`$ ordeal ${args.join(' ')}`);
  return await foreground([process.execPath, ordeal, ...args], { cwd: root });
});

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
