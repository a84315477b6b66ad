import { listKernels } from '@ordeal/lab';
import { EXIT } from '../exit-code.js';
import { renderKernels } from '../render/kernels.js';
import type { CommandContext } from './context.js';

export interface LabListOptions {
  readonly json?: true;
}

/** The kernels that the lab can boot without building. */
export async function labList(options: LabListOptions, { output }: CommandContext): Promise<number> {
  const kernels = await listKernels();
  output.out.write(options.json ? `${JSON.stringify(kernels)}\n` : renderKernels(kernels));
  return EXIT.ok;
}
