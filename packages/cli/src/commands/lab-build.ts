import { DEFAULT_FLAVOUR, type Flavour } from '@ordeal/lab';
import { EXIT } from '../exit-code.js';
import { prepareKernel } from '../host/lab-kernel.js';
import { ProgressReport } from '../output/progress-report.js';
import { renderKernel } from '../render/kernels.js';
import type { CommandContext } from './context.js';

export interface LabBuildOptions {
  readonly flavour?: Flavour;
}

/** Installs what the lab needs and builds its kernel, unless that is already done. */
export async function labBuild(options: LabBuildOptions, { output }: CommandContext): Promise<number> {
  const progress = new ProgressReport(output.err);
  const kernel = await prepareKernel(options.flavour ?? DEFAULT_FLAVOUR, progress);
  progress.finish();
  output.out.write(renderKernel(kernel));
  return EXIT.ok;
}
