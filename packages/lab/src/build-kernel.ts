import { OrdealError } from '@ordeal/diagnostics';
import { BuildEstimate } from './build-estimate.js';
import { takeBuildLock } from './build-lock.js';
import { BuildTree } from './build-tree.js';
import { configFragment, configHash } from './kernel-config.js';
import { DEFAULT_FLAVOUR, type Flavour, flavours } from './kernel-flavour.js';
import { type Kernel, storedKernel, storeKernel } from './kernel-store.js';
import type { ProgressListener } from './progress.js';
import { sourceVersion } from './source-package.js';
import { requireSupportedHost } from './supported-host.js';

export interface BuildOptions {
  readonly flavour?: Flavour;
  readonly progress?: ProgressListener;
  /** Ends the build at once; the next one continues where it stopped. */
  readonly signal?: AbortSignal;
}

/** How often progress is reported if nothing else changes. */
const REPORT_MS = 1000;

/**
 * Makes sure that the cache holds a kernel of this flavour, built from the installed sources with the current
 * configuration: returns at once when it does, else builds it (minutes). `prepareTools` must have run before. Two
 * builds wait for each other; a build that was killed continues where it stopped.
 *
 * @throws OrdealError ORD-602 not enough disk space, ORD-603 build failed (names the log), ORD-604 no sources, ORD-612
 *   aborted
 * @throws UnsupportedError ORD-606 not an x86-64 Linux host
 */
export async function buildKernel(options: BuildOptions = {}): Promise<Kernel> {
  requireSupportedHost();
  const flavour = options.flavour ?? DEFAULT_FLAVOUR;
  const facts = flavours[flavour];
  const fragment = await configFragment(flavour);
  const version = await sourceVersion(facts.sourcePackage);
  const hash = configHash(fragment);
  const key = `${version.replaceAll(/[^\w.+~-]/g, '_')}-${hash}`;
  const ready = await storedKernel(key);
  if (ready) return ready;
  const lock = await lockOrWait(options);
  try {
    return (await storedKernel(key)) ?? (await build());
  } finally {
    await lock.release();
  }

  async function build(): Promise<Kernel> {
    const tree = new BuildTree(key, facts.tarball, options.signal);
    await tree.removeStale(flavour);
    const estimate = new BuildEstimate(facts.objects, Date.now(), await tree.compiledBefore());
    const report = (): void =>
      options.progress?.({ step: 'kernel', stage: estimate.stage, ...estimate.estimate(Date.now()) });
    const timer = setInterval(report, REPORT_MS);
    try {
      report();
      const { image, config, release } = await tree.build(fragment, estimate);
      const source = `${facts.sourcePackage} ${version}`;
      const kernel = await storeKernel(key, image, config, {
        flavour,
        version: release,
        source,
        configHash: hash,
      });
      await tree.remove();
      options.progress?.({ step: 'kernel', stage: 'ready', fraction: 1, etaSeconds: 0 });
      return kernel;
    } finally {
      clearInterval(timer);
    }
  }
}

async function lockOrWait({ progress, signal }: BuildOptions) {
  const lock = await takeBuildLock(false, signal);
  if (lock) return lock;
  progress?.({ step: 'kernel', stage: 'wait for another build' });
  const later = await takeBuildLock(true, signal);
  if (later) return later;
  if (signal?.aborted) throw new OrdealError('ORD-612', 'Waiting for another build was interrupted');
  throw new OrdealError('ORD-601', 'flock could not be run (Debian package util-linux)');
}
