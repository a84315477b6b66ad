import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../packages/lab/dist/index.js';
import { startControlPlane, stopControlPlane } from './control-plane.mjs';
import { startTime } from './daemon.mjs';
import { helmCommand } from './helm.mjs';
import { kubernetesBinaries } from './hyperkube.mjs';

/** One directory for each test run, named by the run's process. */
const runs = () => join(cacheDirectory(), 'cluster/runs');

/**
 * Does something with a fresh control plane, which is stopped afterwards. What a killed run left is stopped first.
 *
 * @template T
 * @param {(environment: Record<string, string>) => Promise<T>} action gets the environment that tests need
 * @returns {Promise<T>}
 */
export async function withTestCluster(action) {
  const binaries = await kubernetesBinaries();
  const helm = await helmCommand();
  await stopAbandonedRuns();
  const directory = join(runs(), `${process.pid}-${startTime(process.pid)}`);
  try {
    const kubeconfig = await startControlPlane(binaries, directory);
    return await action({
      ORDEAL_TEST_KUBECONFIG: kubeconfig,
      ORDEAL_TEST_KUBE_BINARIES: binaries,
      ORDEAL_TEST_HELM: helm,
    });
  } finally {
    await stopControlPlane(directory);
  }
}

async function stopAbandonedRuns() {
  await mkdir(runs(), { recursive: true });
  for (const name of await readdir(runs())) {
    const [pid, start] = name.split('-');
    if (startTime(pid) !== start) await stopControlPlane(join(runs(), name));
  }
}
