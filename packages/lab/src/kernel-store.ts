import type { Flavour } from './kernel-flavour.js';

/** A kernel in the cache, ready to boot. */
export interface Kernel {
  readonly flavour: Flavour;
  /** What `uname -r` says in it. */
  readonly version: string;
  /** Name and version of the Debian package it was built from, for example `linux-source-6.1 6.1.192-2`. */
  readonly source: string;
  /** Absolute path of the image that `bootVm` takes. */
  readonly imagePath: string;
  /** Absolute path of its full configuration. */
  readonly configPath: string;
  readonly builtAt: Date;
  readonly sizeBytes: number;
}

/** The newest cached kernel of a flavour that fits the current configuration, or undefined. Builds nothing. */
export async function findKernel(_flavour: Flavour): Promise<Kernel | undefined> {
  throw new Error('not yet');
}

/** Every kernel in the cache, those of older configurations too, newest first. */
export async function listKernels(): Promise<readonly Kernel[]> {
  throw new Error('not yet');
}

/**
 * Removes kernels, build trees and logs from the cache.
 * @returns the bytes that were freed
 */
export async function clean(): Promise<number> {
  throw new Error('not yet');
}
