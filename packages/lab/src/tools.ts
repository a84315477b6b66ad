import type { Flavour } from './kernel-flavour.js';
import type { ProgressListener } from './progress.js';

export interface ToolOptions {
  /** What the tools are for: `boot` needs QEMU only, a flavour what building that kernel needs as well. */
  readonly purpose?: 'boot' | Flavour;
  readonly progress?: ProgressListener;
}

/**
 * Makes sure that every program the lab calls is there, installing the missing Debian packages with apt-get.
 *
 * @throws UnsupportedError ORD-606 not an x86-64 Linux host
 * @throws OrdealError ORD-601 missing and not installable (not root, no apt-get, no network), naming the packages
 */
export async function prepareTools(_options: ToolOptions = {}): Promise<void> {
  throw new Error('not yet');
}
