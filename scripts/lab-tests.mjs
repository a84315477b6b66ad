import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CREATE_REQUIRE, rooms } from './rooms-plugin.mjs';
import { root } from './root.mjs';
import { span, step } from './step.mjs';

const outdir = join(root, '.cache/lab-tests');
/** A VM that does not even answer this long is beyond asking. */
const LOOK_MS = 20_000;
const MEMORY_MIB = 1536;
const DISKS = [{ sizeMiB: 64 }, { sizeMiB: 64 }];

/**
 * Runs the lab tests in one VM and one Node process: starting Node takes seconds under emulation. The kernel is the
 * lab's usual one, or that of `ORDEAL_LAB_FLAVOUR`; `SOAK_SECONDS` and `TEST_SEED` reach the tests.
 *
 * @param {string[]} files
 * @param {{ onTap: (chunk: Buffer) => void, onNoise: (chunk: Buffer) => void }} listeners
 * @param {{ what: string, usual: string, limitMs: number }} options
 * @returns {Promise<string>} why it ended early, or an empty text
 */
export async function runTests(files, { onTap, onNoise }, { what, usual, limitMs }) {
  const entry = await bundleTests(files);
  const vm = await bootLab();
  try {
    const argv = [process.execPath, '--test-reporter=tap', entry];
    const env = { ORDEAL_LAB: '1' };
    const tests = vm.start(argv, { cwd: root, env, onStdout: onTap, onStderr: onNoise });
    const late = new Promise((resolve) => setTimeout(resolve, limitMs).unref());
    const result = await step(what, usual, () => Promise.race([tests.result, late]));
    if (!result) return `the tests took longer than ${span(limitMs)}\n${await lookInside(vm)}`;
    const ending = result.signal ?? (result.exitCode > 1 ? `exit code ${result.exitCode}` : '');
    return ending && `the tests ended with ${ending}; console: ${vm.logPath}`;
  } finally {
    await vm.shutdown();
  }
}

/** What a VM whose tests hang is doing: its processes, and where in the kernel its processors are. */
async function lookInside(vm) {
  let text = '';
  const keep = (chunk) => (text += chunk);
  const script = 'ps -eo pid,ppid,stat,pcpu,args --forest; echo l > /proc/sysrq-trigger; dmesg | tail -n 60';
  await vm.run(['sh', '-c', script], { onStdout: keep, onStderr: keep, timeoutMs: LOOK_MS });
  return text;
}

/** A VM with everything that it needs installed and built. */
async function bootLab() {
  const lab = await import('../packages/lab/dist/index.js');
  const { ProgressReport } = await import('../packages/cli/dist/output/progress-report.js');
  const { outputFor } = await import('../packages/cli/dist/output/output.js');
  const progress = new ProgressReport(outputFor(process, process.env).err);
  try {
    const flavour = process.env.ORDEAL_LAB_FLAVOUR ?? lab.DEFAULT_FLAVOUR;
    await lab.prepareTools({ purpose: flavour, progress: progress.listener });
    const kernel = await lab.buildKernel({ flavour, progress: progress.listener });
    const vm = await lab.bootVm({
      kernelImage: kernel.imagePath,
      memoryMiB: MEMORY_MIB,
      disks: DISKS,
      progress: progress.listener,
    });
    progress.finish();
    return vm;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}

/** One file instead of hundreds, which are slow to open over the VM's remote file system. */
async function bundleTests(files) {
  const { build } = await import('esbuild');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const outfile = join(outdir, 'all.mjs');
  await build({
    stdin: { contents: files.map((file) => `import ${JSON.stringify(file)};`).join('\n'), resolveDir: root },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: CREATE_REQUIRE },
    plugins: [rooms(outdir)],
    logLevel: 'warning',
  });
  return outfile;
}
