import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../packages/lab/dist/index.js';
import { startControlPlane, stopControlPlane } from './control-plane.mjs';
import { startTime } from './daemon.mjs';
import { helmCommand } from './helm.mjs';
import { kubernetesBinaries } from './hyperkube.mjs';
import { installOrdeal } from './install-ordeal.mjs';
import { startNode, stopNode } from './node.mjs';

/**
 * Does something with a fresh API server, which is stopped afterwards.
 *
 * @template T
 * @param {(environment: Record<string, string>) => Promise<T>} action gets the environment that tests need
 * @returns {Promise<T>}
 */
export function withTestCluster(action) {
  return withRun('runs', startControlPlane, stopControlPlane, action);
}

/** The same with a cluster of one real node, in which Ordeal is installed. */
export function withTestNode(action) {
  return withRun('nodes', startNode, stopNode, async (environment) => {
    await installOrdeal(environment.ORDEAL_TEST_HELM, environment.ORDEAL_TEST_KUBECONFIG);
    return action(environment);
  });
}

/** One directory for each test run, named by the run's process. What a killed run left is stopped first. */
async function withRun(kind, start, stop, action) {
  const binaries = await kubernetesBinaries();
  const helm = await helmCommand();
  const runs = join(cacheDirectory(), 'cluster', kind);
  await stopAbandonedRuns(runs, stop);
  const directory = join(runs, `${process.pid}-${startTime(process.pid)}`);
  try {
    const kubeconfig = await start(binaries, directory);
    return await action({
      ORDEAL_TEST_KUBECONFIG: kubeconfig,
      ORDEAL_TEST_KUBE_BINARIES: binaries,
      ORDEAL_TEST_HELM: helm,
    });
  } finally {
    await stop(directory);
  }
}

async function stopAbandonedRuns(runs, stop) {
  await mkdir(runs, { recursive: true });
  for (const name of await readdir(runs)) {
    const [pid, start] = name.split('-');
    if (startTime(pid) !== start) await stop(join(runs, name));
  }
}
