import type { Kernel } from '@ordeal/lab';
import { bytes } from './number.js';

/** One cached kernel on one line. */
export function renderKernel({ flavour, version, source, sizeBytes, builtAt, imagePath }: Kernel): string {
  const built = builtAt.toISOString().slice(0, 16).replace('T', ' ');
  return `${flavour.padEnd(6)}${version}   from ${source}, ${bytes(sizeBytes)}, built ${built}   ${imagePath}\n`;
}

/** The cached kernels, or how to get one. */
export function renderKernels(kernels: readonly Kernel[]): string {
  if (kernels.length === 0)
    return 'no kernels yet: ordeal lab build makes one (about 6 minutes on two cores)\n';
  return kernels.map(renderKernel).join('');
}
