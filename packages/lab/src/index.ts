export { bootVm } from './boot-vm.js';
export { type BuildOptions, buildKernel } from './build-kernel.js';
export { DEFAULT_FLAVOUR, type Flavour } from './kernel-flavour.js';
export { clean, findKernel, type Kernel, listKernels } from './kernel-store.js';
export { cacheDirectory } from './paths.js';
export type { Progress, ProgressListener } from './progress.js';
export { openShell } from './shell.js';
export { missingPackages, prepareTools, type ToolOptions } from './tools.js';
export type { BootOptions, DiskSpec, GuestCommand, RunOptions, RunResult, Vm } from './vm.js';
