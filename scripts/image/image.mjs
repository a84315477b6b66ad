import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { bundleClusterPrograms } from '../bundle.mjs';
import { root } from '../root.mjs';
import { main, quietly, StepError, step } from '../step.mjs';
import { writeOciArchive } from './oci-archive.mjs';

const HOME = '/opt/ordeal';
const NODE = '/usr/bin/node';
/** The programs in the image's path. */
const PROGRAMS = ['ordeal-agent', 'ordeal-controller'];
const NAME = 'localhost/ordeal';

await main(async () => {
  const [option, ...more] = process.argv.slice(2);
  const wantsRootfs = option === '--rootfs';
  const file = wantsRootfs ? more.shift() : option;
  if (file === undefined || more.length > 0)
    throw new StepError('usage: npm run image -- FILE | --rootfs DIR');
  // npm starts scripts in the repository; the path is relative to where the user is.
  const path = resolve(process.env.INIT_CWD ?? '.', file);
  if (!existsSync(dirname(path))) throw new StepError(`${dirname(path)}: no such directory`);
  if (!existsSync(join(root, 'packages/agent/dist/main.js'))) {
    throw new StepError('this checkout has not been built yet\n  Run npm ci && npm run build.');
  }
  if (wantsRootfs) await step(`writing the image's files`, '10 s', () => writeRootfs(path));
  else await writeArchive(path, file);
});

async function writeArchive(path, file) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const name = `${NAME}:${version}`;
  const work = await mkdtemp(`${path}.`);
  try {
    await step(`writing ${name}`, '10 s', async () => {
      const rootfs = join(work, 'rootfs');
      await writeRootfs(rootfs);
      const config = { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], WorkingDir: '/' };
      await writeOciArchive({ file: path, name, rootfs, work, config });
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  process.stdout.write(`${name} is in ${path}\n  Import it on a node: ctr -n k8s.io images import ${file}\n`);
}

/** All files of the image. */
async function writeRootfs(rootfs) {
  await addNode(rootfs);
  await addOrdeal(rootfs);
}

/** This Node, and the libraries that the dynamic linker loads for it, at their own places: koffi needs no others. */
async function addNode(rootfs) {
  for (const directory of ['tmp', 'proc', 'sys', 'dev', 'run', 'etc'])
    await mkdir(join(rootfs, directory), { recursive: true });
  await add(rootfs, process.execPath, NODE);
  const output = await quietly(['ldd', process.execPath]);
  for (const [library] of output.matchAll(/\/\S+/g)) await add(rootfs, library, library);
}

/** Our bundled programs, and the one npm package that has a binary and so is not in the bundle. */
async function addOrdeal(rootfs) {
  const bundle = await bundleClusterPrograms();
  const place = join(HOME, relative(root, bundle));
  await cp(bundle, join(rootfs, place), { recursive: true });
  for (const name of ['koffi', '@koromix']) {
    const path = join('node_modules', name);
    await cp(join(root, path), join(rootfs, HOME, path), { recursive: true });
  }
  await mkdir(join(rootfs, 'usr/local/bin'), { recursive: true });
  for (const program of PROGRAMS) {
    const file = join(place, `${program}.cjs`);
    // The image has no env(1).
    const text = await readFile(join(rootfs, file), 'utf8');
    await writeFile(join(rootfs, file), text.replace(/^#!.*/, `#!${NODE}`));
    await chmod(join(rootfs, file), 0o755);
    await symlink(file, join(rootfs, 'usr/local/bin', program));
  }
}

async function add(rootfs, source, place) {
  await mkdir(join(rootfs, dirname(place)), { recursive: true });
  await cp(await realpath(source), join(rootfs, place));
}
