import { buildKernel, DEFAULT_FLAVOUR, type Flavour, type Kernel, prepareTools } from '@ordeal/lab';
import type { ProgressReport } from '../output/progress-report.js';
import { catchStopSignals } from './stop-signal.js';

type Preparation = Required<Pick<Parameters<typeof buildKernel>[0] & object, 'progress' | 'signal'>>;

/**
 * The image to boot, everything that booting it needs installed: a given one, or the lab's own kernel, built where the
 * cache has none.
 *
 * @throws OrdealError ORD-612 when the process was asked to end meanwhile, and what the lab throws
 */
export async function prepareLab(image: string | undefined, progress: ProgressReport): Promise<string> {
  if (image === undefined) return (await prepareKernel(DEFAULT_FLAVOUR, progress)).imagePath;
  await stoppable(progress, (options) => prepareTools({ purpose: 'boot', ...options }));
  return image;
}

/** The lab's kernel of a flavour, built where the cache has none. @throws the same */
export function prepareKernel(flavour: Flavour, progress: ProgressReport): Promise<Kernel> {
  return stoppable(progress, async (options) => {
    await prepareTools({ purpose: flavour, ...options });
    return await buildKernel({ flavour, ...options });
  });
}

async function stoppable<T>(
  progress: ProgressReport,
  prepare: (options: Preparation) => Promise<T>,
): Promise<T> {
  const stop = catchStopSignals();
  try {
    return await prepare({ progress: progress.listener, signal: stop.signal });
  } catch (error) {
    progress.abandon();
    throw error;
  } finally {
    stop.dispose();
  }
}
