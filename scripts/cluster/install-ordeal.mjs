import { join } from 'node:path';
import { root } from '../root.mjs';
import { quietly, step } from '../step.mjs';

/** Installs the chart in the namespace `ordeal`, and waits until controller and agents are ready. */
export async function installOrdeal(helm, kubeconfig) {
  const where = ['--kubeconfig', kubeconfig, '--namespace', 'ordeal', '--create-namespace'];
  const words = ['install', 'ordeal', join(root, 'charts/ordeal'), ...where, '--wait', '--timeout', '10m'];
  await step('installing Ordeal', '20 s', () => quietly([helm, ...words]));
}
