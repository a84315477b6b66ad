import { buildKernel, DEFAULT_FLAVOUR, type Flavour, prepareTools } from '@ordeal/lab';
import type { ProgressReport } from '../output/progress-report.js';

/**
 * The image to boot, everything that booting it needs installed: a given one, or the lab's own kernel, built where the
 * cache has none.
 */
export async function prepareLab(
  image: string | undefined,
  progress: ProgressReport,
  flavour: Flavour = DEFAULT_FLAVOUR,
): Promise<string> {
  try {
    if (image !== undefined) {
      await prepareTools({ purpose: 'boot', progress: progress.listener });
      return image;
    }
    await prepareTools({ purpose: flavour, progress: progress.listener });
    const kernel = await buildKernel({ flavour, progress: progress.listener });
    return kernel.imagePath;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}
