import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootLab } from './boot-lab.mjs';
import { root } from './root.mjs';
import { span, step } from './step.mjs';
import { CREATE_REQUIRE, workspaces } from './workspace-plugin.mjs';

const outdir = join(root, '.cache/lab-tests');
/** A VM that is silent this long is stuck: the longest test takes more than six minutes where the machine is overloaded. */
const SILENCE_MS = 20 * 60_000;
/** A VM that does not even answer this long is beyond asking. */
const LOOK_MS = 20_000;
const MEMORY_MIB = 1536;
const DISKS = [{ sizeMiB: 64 }, { sizeMiB: 64 }];

/** The VM stopped making progress: emulated processors can get stuck, which says nothing about the tests. */
export class VmStuck extends Error {}

/**
 * Runs the lab tests in one VM and one Node process: starting Node takes seconds under emulation. The kernel is the
 * lab's usual one, or that of `ORDEAL_LAB_FLAVOUR`; `SOAK_SECONDS` and `TEST_SEED` reach the tests.
 *
 * @param {string[]} files
 * @param {{ onEvents: (chunk: Buffer) => void, onNoise: (chunk: Buffer) => void }} listeners
 * @param {{ what: string, usual: string, limitMs: number }} options
 * @returns {Promise<string>} why it ended early, or an empty text
 * @throws VmStuck with what the VM was doing
 */
export async function runTests(files, { onEvents, onNoise }, { what, usual, limitMs }) {
  const entry = await bundleTests(files);
  const vm = await bootLab({ memoryMiB: MEMORY_MIB, disks: DISKS });
  try {
    const argv = [process.execPath, `--test-reporter=${join(root, 'scripts/test-events.mjs')}`, entry];
    const { SOAK_SECONDS, TEST_SEED } = process.env;
    const silence = watchSilence();
    const onStdout = (chunk) => {
      silence.broken();
      onEvents(chunk);
    };
    const options = { cwd: root, env: { SOAK_SECONDS, TEST_SEED }, onStdout, onStderr: onNoise };
    const tests = vm.start(argv, options);
    const late = new Promise((resolve) => setTimeout(resolve, limitMs).unref());
    const result = await step(what, usual, () => Promise.race([tests.result, late, silence.kept]));
    silence.end();
    if (result === STUCK) throw new VmStuck(await lookInside(vm));
    if (!result) return `the tests took longer than ${span(limitMs)}\n${await lookInside(vm)}`;
    const ending = result.signal ?? (result.exitCode > 1 ? `exit code ${result.exitCode}` : '');
    return ending && `the tests ended with ${ending}; console: ${vm.logPath}`;
  } finally {
    await vm.shutdown();
  }
}

const STUCK = Symbol('stuck');

/** `kept` resolves to STUCK once nothing has broken the silence for too long. */
function watchSilence() {
  let timer;
  let report;
  const kept = new Promise((resolve) => {
    report = resolve;
  });
  const broken = () => {
    clearTimeout(timer);
    timer = setTimeout(() => report(STUCK), SILENCE_MS);
  };
  broken();
  return { kept, broken, end: () => clearTimeout(timer) };
}

/** What a VM whose tests hang is doing: its processes, and where in the kernel its processors are. */
async function lookInside(vm) {
  let text = '';
  const keep = (chunk) => (text += chunk);
  const script = 'ps -eo pid,ppid,stat,pcpu,args --forest; echo l > /proc/sysrq-trigger; dmesg | tail -n 60';
  await vm.run(['sh', '-c', script], { onStdout: keep, onStderr: keep, timeoutMs: LOOK_MS });
  return text;
}

/** One file instead of hundreds, which are slow to open over the VM's remote file system. */
async function bundleTests(files) {
  const { build, stop } = await import('esbuild');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const outfile = join(outdir, 'all.mjs');
  await build({
    stdin: {
      contents: [join(root, 'scripts/leak-check.mjs'), ...files]
        .map((file) => `import ${JSON.stringify(file)};`)
        .join('\n'),
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: CREATE_REQUIRE },
    plugins: [workspaces(outdir)],
    logLevel: 'warning',
  });
  // Its service would look like something that the tests left behind.
  await stop();
  return outfile;
}
