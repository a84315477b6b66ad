import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../../packages/lab/dist/index.js';
import { root } from '../root.mjs';
import { StepError } from '../step.mjs';
import { daemonRuns } from './daemon.mjs';
import { showExample } from './example.mjs';
import { helmCommand } from './helm.mjs';
import { kubernetesBinaries } from './hyperkube.mjs';
import { installOrdeal } from './install-ordeal.mjs';
import { startNode, stopNode } from './node.mjs';

/** One cluster for each checkout. */
const checkout = createHash('sha256').update(root).digest('hex').slice(0, 8);
const directory = join(cacheDirectory(), 'cluster', `node-${checkout}`);
const file = join(directory, 'kubeconfig');

/** Starts the cluster with Ordeal in it, unless it is up already, and runs the example. */
export async function up() {
  const binaries = await kubernetesBinaries();
  if (!(await isUp())) {
    const helm = await helmCommand();
    await stopNode(directory);
    await startNode(binaries, directory);
    await installOrdeal(helm, file);
  }
  const kubectl = join(binaries, 'kubectl');
  await showExample([kubectl, '--kubeconfig', file]);
  console.log(`
The cluster goes on. To use it:
  export KUBECONFIG=${file}
  ${kubectl} get iochaos,injections,pods -A
  npm run cluster -- down     takes it away`);
}

/** Takes away what is there of it. */
export async function down() {
  await stopNode(directory);
  console.log('The cluster is gone.');
}

/** Prints the path of an administrator's kubeconfig. */
export async function kubeconfig() {
  if (!(await isUp())) throw new StepError('the cluster is not up\n  Run npm run cluster.');
  console.log(file);
}

async function isUp() {
  return existsSync(file) && (await daemonRuns(directory, 'kubelet'));
}
