import { buildKernel, DEFAULT_FLAVOUR, type Flavour, prepareTools } from '@ordeal/lab';
import { EXIT } from '../exit-code.js';
import { ProgressReport } from '../output/progress-report.js';
import { renderKernel } from '../render/kernels.js';
import type { CommandContext } from './context.js';

export interface LabBuildOptions {
  readonly flavour?: Flavour;
}

/** Installs what the lab needs and builds its kernel, unless both are there. */
export async function labBuild(options: LabBuildOptions, { output }: CommandContext): Promise<number> {
  const flavour = options.flavour ?? DEFAULT_FLAVOUR;
  const progress = new ProgressReport(output.err);
  try {
    await prepareTools({ purpose: flavour, progress: progress.listener });
    const kernel = await buildKernel({ flavour, progress: progress.listener });
    progress.finish();
    output.out.write(renderKernel(kernel));
  } catch (error) {
    progress.abandon();
    throw error;
  }
  return EXIT.ok;
}
