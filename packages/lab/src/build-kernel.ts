import type { Flavour } from './kernel-flavour.js';
import type { Kernel } from './kernel-store.js';
import type { ProgressListener } from './progress.js';

export interface BuildOptions {
  readonly flavour?: Flavour;
  readonly progress?: ProgressListener;
}

/**
 * Makes sure that the cache holds a kernel of this flavour: returns at once when it does, else builds it
 * (minutes). `prepareTools` must have run before. Two builds of the same kernel wait for each other; a build that
 * was killed goes on where it stopped.
 *
 * @throws OrdealError ORD-602 not enough disk space, ORD-603 build failed (names the log), ORD-604 no sources
 */
export async function buildKernel(_options: BuildOptions = {}): Promise<Kernel> {
  throw new Error('not yet');
}
