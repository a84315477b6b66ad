import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../../packages/lab/dist/index.js';
import { root } from '../root.mjs';
import { quietly, step } from '../step.mjs';
import { goCommand } from './go-toolchain.mjs';

/** The Kubernetes that go.mod requires. */
const VERSION = 'v1.36.3';
const SOURCES = join(root, 'scripts/cluster/hyperkube');
const PARTS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
];

/**
 * The directory with `etcd`, `kube-apiserver` and the other parts in it. Built from Go modules once, which takes about
 * 1000 seconds of CPU time, 1 GB of downloads and 3 GB of disk, and kept in the cache. `KUBEBUILDER_ASSETS` names a directory to use instead.
 */
export async function kubernetesBinaries() {
  const { KUBEBUILDER_ASSETS } = process.env;
  if (KUBEBUILDER_ASSETS) return KUBEBUILDER_ASSETS;
  const directory = join(cacheDirectory(), 'cluster', `kubernetes-${VERSION}-${fingerprint()}`);
  if (!existsSync(directory)) {
    const go = await goCommand();
    await step(`building Kubernetes ${VERSION}`, '10 min, once', () => build(go, directory));
  }
  return directory;
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(SOURCES, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Complete or not there: what is built elsewhere meanwhile is the same, so the first one wins. */
async function build(go, directory) {
  const half = `${directory}.${process.pid}`;
  await mkdir(half, { recursive: true });
  try {
    const argv = ['build', '-trimpath', '-ldflags', linkerFlags(), '-o', join(half, 'hyperkube'), '.'];
    const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off' };
    await quietly(['nice', '-n', '5', go, ...argv], { cwd: SOURCES, env });
    for (const part of PARTS) await symlink('hyperkube', join(half, part));
    await rename(half, directory).catch((error) => {
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** Without its version every part calls itself v0.0.0-master, and kubectl refuses to speak with such a server. */
function linkerFlags() {
  const [major, minor] = VERSION.slice(1).split('.');
  const stamps = {
    'k8s.io/component-base/version.gitVersion': VERSION,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/component-base/version.gitTreeState': 'clean',
    'k8s.io/component-base/version.gitCommit': 'unknown',
    'k8s.io/client-go/pkg/version.gitVersion': VERSION,
  };
  return ['-s', '-w', ...Object.entries(stamps).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
}
