import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { root } from '../root.mjs';
import { main, quietly, StepError, step } from '../step.mjs';
import { writeOciArchive } from './oci-archive.mjs';

const HOME = '/opt/ordeal';
const NODE = '/usr/bin/node';
/** The programs in the image's path, each by its package. */
const PROGRAMS = { 'ordeal-controller': 'controller', 'ordeal-agent': 'agent' };
const NAME = 'localhost/ordeal';

await main(async () => {
  const [file, ...more] = process.argv.slice(2);
  if (file === undefined || more.length > 0) throw new StepError('usage: npm run image -- FILE');
  // npm starts scripts in the repository; FILE is relative to where the user is.
  const path = resolve(process.env.INIT_CWD ?? '.', file);
  if (!existsSync(dirname(path))) throw new StepError(`${dirname(path)}: no such directory`);
  for (const name of Object.values(PROGRAMS)) {
    if (existsSync(join(root, 'packages', name, 'dist/main.js'))) continue;
    throw new StepError('this checkout has not been built yet\n  Run npm ci && npm run build.');
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const name = `${NAME}:${version}`;
  const work = await mkdtemp(`${path}.`);
  try {
    await step(`writing ${name}`, '10 s', async () => {
      const rootfs = join(work, 'rootfs');
      await addNode(rootfs);
      await addOrdeal(rootfs);
      const config = { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], WorkingDir: '/' };
      await writeOciArchive({ file: path, name, rootfs, work, config });
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  process.stdout.write(`${name} is in ${path}\n  Import it on a node: ctr -n k8s.io images import ${file}\n`);
});

/** This Node, and the libraries that the dynamic linker loads for it, at their own places: koffi needs no others. */
async function addNode(rootfs) {
  for (const directory of ['tmp', 'proc', 'sys', 'dev', 'run', 'etc'])
    await mkdir(join(rootfs, directory), { recursive: true });
  await add(rootfs, process.execPath, NODE);
  const output = await quietly(['ldd', process.execPath]);
  for (const [library] of output.matchAll(/\/\S+/g)) await add(rootfs, library, library);
}

/** Our compiled packages without their tests, and the npm packages they need. */
async function addOrdeal(rootfs) {
  const home = join(rootfs, HOME);
  const listed = await quietly(['npm', 'ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
  for (const path of listed.trim().split('\n')) {
    const place = relative(root, path);
    if (place === '') continue;
    const source = await realpath(path);
    const target = join(home, relative(root, source));
    if (source === path) await cp(source, target, { recursive: true });
    else {
      await addPackage(source, target);
      await mkdir(dirname(join(home, place)), { recursive: true });
      await symlink(relative(dirname(path), source), join(home, place));
    }
  }
  // The controller installs it into other clusters.
  await cp(join(root, 'charts'), join(home, 'charts'), { recursive: true });
  await mkdir(join(rootfs, 'usr/local/bin'), { recursive: true });
  for (const [program, name] of Object.entries(PROGRAMS)) {
    const place = join('packages', name, 'bin', `${program}.mjs`);
    // The image has no env(1).
    const text = await readFile(join(root, place), 'utf8');
    await writeFile(join(home, place), text.replace(/^#!.*/, `#!${NODE}`), { mode: 0o755 });
    await symlink(join(HOME, place), join(rootfs, 'usr/local/bin', program));
  }
}

async function addPackage(source, target) {
  const wanted = (path) => !/\.test\.|\.map$|\.d\.ts$|\.tsbuildinfo$/.test(basename(path));
  await cp(join(source, 'package.json'), join(target, 'package.json'));
  for (const part of ['bin', 'dist']) {
    if (existsSync(join(source, part)))
      await cp(join(source, part), join(target, part), { recursive: true, filter: wanted });
  }
}

async function add(rootfs, source, place) {
  await mkdir(join(rootfs, dirname(place)), { recursive: true });
  await cp(await realpath(source), join(rootfs, place));
}
