import { buildKernel, DEFAULT_FLAVOUR, type Flavour, type Kernel, prepareTools } from '@ordeal/lab';
import type { ProgressReport } from '../output/progress-report.js';
import { catchStopSignals } from './stop-signal.js';

type Preparation = Required<Pick<Parameters<typeof buildKernel>[0] & object, 'progress' | 'signal'>>;

/**
 * The image to boot: the given one, or the lab's own kernel, which is built if it is not in the cache. Installs what
 * booting needs.
 *
 * @throws OrdealError ORD-612 if the process was interrupted meanwhile, and what the lab throws
 */
export async function prepareLab(image: string | undefined, progress: ProgressReport): Promise<string> {
  if (image === undefined) return (await prepareKernel(DEFAULT_FLAVOUR, progress)).imagePath;
  await stoppable(progress, (options) => prepareTools({ purpose: 'boot', ...options }));
  return image;
}

/** The lab's kernel of a flavour, built if it is not in the cache. @throws the same */
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
