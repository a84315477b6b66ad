/**
 * Boots the lab VM, and installs and builds first what it needs. The kernel is the lab's usual one, or that of
 * `ORDEAL_LAB_FLAVOUR`. The caller shuts it down.
 *
 * @param {Omit<import('../packages/lab/dist/index.js').BootOptions, 'kernelImage' | 'progress'>} options
 */
export async function bootLab(options) {
  const lab = await import('../packages/lab/dist/index.js');
  const { ProgressReport } = await import('../packages/cli/dist/output/progress-report.js');
  const { outputFor } = await import('../packages/cli/dist/output/output.js');
  const progress = new ProgressReport(outputFor(process, process.env).err);
  try {
    const flavour = process.env.ORDEAL_LAB_FLAVOUR ?? lab.DEFAULT_FLAVOUR;
    await lab.prepareTools({ purpose: flavour, progress: progress.listener });
    const kernel = await lab.buildKernel({ flavour, progress: progress.listener });
    const vm = await lab.bootVm({ kernelImage: kernel.imagePath, progress: progress.listener, ...options });
    progress.finish();
    return vm;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}
