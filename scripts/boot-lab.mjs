/**
 * Boots the lab VM, and installs and builds first what it needs. The kernel is the lab's usual one, or that of
 * `ORDEAL_LAB_FLAVOUR`. The caller shuts it down.
 *
 * @param {Omit<import('../packages/lab/dist/index.js').BootOptions, 'kernelImage' | 'progress'>} options
 */
export function bootLab(options) {
  return withProgress(async (lab, progress) => {
    const kernelImage = await kernelOf(lab, progress);
    return lab.bootVm({ kernelImage, progress, ...options });
  });
}

/** Installs and builds what {@link bootLab} needs. */
export async function prepareLab() {
  await withProgress(kernelOf);
}

async function kernelOf(lab, progress) {
  const flavour = process.env.ORDEAL_LAB_FLAVOUR ?? lab.DEFAULT_FLAVOUR;
  await lab.prepareTools({ purpose: flavour, progress });
  return (await lab.buildKernel({ flavour, progress })).imagePath;
}

async function withProgress(work) {
  const lab = await import('../packages/lab/dist/index.js');
  const { ProgressReport } = await import('../packages/cli/dist/output/progress-report.js');
  const { outputFor } = await import('../packages/cli/dist/output/output.js');
  const progress = new ProgressReport(outputFor(process, process.env).err);
  try {
    const result = await work(lab, progress.listener);
    progress.finish();
    return result;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}
