// A control plane for one test alone: prints the path of its kubeconfig, and ends when standard input does.
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, stopControlPlane } from './control-plane.mjs';

const directory = await mkdtemp(join(tmpdir(), 'ordeal-control-plane-'));
try {
  const kubeconfig = await startControlPlane(process.env.ORDEAL_TEST_KUBE_BINARIES, directory);
  process.stdout.write(`${kubeconfig}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
} finally {
  await stopControlPlane(directory);
}
