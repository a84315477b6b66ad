import { constants } from 'node:os';
import { OrdealError } from '@ordeal/diagnostics';
import { bootVm, type RunResult, type Vm } from '@ordeal/lab';
import { diskSize } from '../flags/disk-size.js';
import { prepareLab } from '../host/lab-kernel.js';
import { programPath } from '../host/program-path.js';
import { hasErrors, readDocuments } from '../host/read-documents.js';
import { runSeed } from '../host/run-seed.js';
import { catchStopSignals } from '../host/stop-signal.js';
import type { Output } from '../output/output.js';
import { ProgressReport } from '../output/progress-report.js';
import { repeatLine } from '../render/repeat-line.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';
import { type RunTimeFlags, refuseKernelFlags, runTimes } from './run.js';

export interface LabRunOptions extends RunTimeFlags {
  readonly kernel?: string;
  readonly disk?: readonly string[];
}

const DEFAULT_DISKS = ['64M'];

/** The same as `run`, inside a throwaway VM. */
export async function labRun(
  files: readonly string[],
  options: LabRunOptions,
  { output, command }: CommandContext,
): Promise<number> {
  runTimes(options, true);
  const disks = (options.disk ?? DEFAULT_DISKS).map(diskSize);
  if (command === undefined || command.length === 0) {
    throw new OrdealError('ORD-309', 'The lab needs a command to run in the VM: -- CMD ARGS…');
  }
  // Errors are reported before anything is built or booted; the run in the VM reports the warnings.
  const { experiments, problems, sources } = readDocuments(files);
  if (hasErrors(problems)) return reportProblems(problems, sources, options.json === true, output);
  refuseKernelFlags(options, experiments);
  const seed = runSeed(options.seed, experiments);
  const seeded = seed === undefined ? options : { ...options, seed: String(seed) };
  const repeat = repeatLine(['ordeal', 'lab', 'run'], files, seeded, command);
  const progress = new ProgressReport(output.err);
  const kernelImage = await prepareLab(options.kernel, progress);
  const stop = catchStopSignals();
  try {
    const vm = await boot({ kernelImage, disks }, progress);
    try {
      if (stop.signal.aborted) return 128 + constants.signals.SIGINT;
      return await runInside(vm, guestCommand(files, seeded, command), repeat, output);
    } finally {
      await vm.shutdown();
    }
  } finally {
    stop.dispose();
  }
}

/** Boots and shows the progress. */
export async function boot(options: Parameters<typeof bootVm>[0], progress: ProgressReport): Promise<Vm> {
  try {
    const vm = await bootVm({ ...options, progress: progress.listener });
    progress.finish();
    return vm;
  } catch (error) {
    progress.abandon();
    throw error;
  }
}

/** @param repeat for the end of a run that failed */
async function runInside(
  vm: Vm,
  argv: readonly string[],
  repeat: string,
  { out, err }: Output,
): Promise<number> {
  const result = await vm.run(argv, {
    cwd: process.cwd(),
    env: {
      ...process.env,
      ORDEAL_REPEAT: repeat,
      ...(err.live ? { ORDEAL_TERMINAL: String(err.columns) } : {}),
    },
    ...(process.stdin.isTTY ? {} : { stdin: process.stdin }),
    onStdout: (chunk) => out.write(chunk),
    onStderr: (chunk) => err.write(chunk),
    forwardSignals: true,
  });
  return exitCodeOf(result);
}

/** `ordeal run` with the same files and flags, by the same Node. */
function guestCommand(
  files: readonly string[],
  options: LabRunOptions,
  command: readonly string[],
): readonly string[] {
  const flags = (['mechanism', 'duration', 'before', 'after', 'interval', 'seed'] as const).flatMap(
    (name) => {
      const value = options[name];
      return value === undefined ? [] : [`--${name}`, value];
    },
  );
  const switches = [
    ...(options.json ? ['--json'] : []),
    ...(options.events ? ['--events'] : []),
    ...(options.stacks ? ['--stacks'] : []),
    ...(options.withExec ? ['--with-exec'] : []),
    ...(options.requireFaults ? ['--require-faults'] : []),
  ];
  return [process.execPath, programPath(), 'run', ...flags, ...switches, ...files, '--', ...command];
}

/** The exit status that a shell would report. */
export function exitCodeOf(result: RunResult): number {
  return result.signal === undefined ? result.exitCode : 128 + constants.signals[result.signal];
}
