import { OrdealError } from '@ordeal/diagnostics';
import { type SweepEventListener, type SweepRun, type SweepState, summarise } from '@ordeal/node';
import { diskSize } from '../flags/disk-size.js';
import { type SweepFlags, sweepSettings } from '../flags/sweep-flags.js';
import { type GuestLine, guestSweep, sweepInGuest } from '../host/guest-sweep.js';
import { prepareLab } from '../host/lab-kernel.js';
import { hasErrors, readDocuments } from '../host/read-documents.js';
import { withInput } from '../host/replayed-input.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { readState, SweepFiles } from '../host/sweep-files.js';
import { ProgressReport } from '../output/progress-report.js';
import type { CommandContext } from './context.js';
import { boot, exitCodeOf } from './lab-run.js';
import { reportProblems } from './report-problems.js';
import { commandLine, sweptRequest } from './sweep.js';
import { jsonSweepListener, textSweepListener } from './sweep-listener.js';

export interface LabSweepOptions extends SweepFlags {
  readonly kernel?: string;
  readonly disk?: readonly string[];
}

const DEFAULT_DISKS = ['64M'];

/** The same as `sweep`, inside a throwaway VM; the results are shown and written on this host. */
export async function labSweep(
  file: string | undefined,
  given: LabSweepOptions,
  { output, command }: CommandContext,
): Promise<number> {
  const options = withInput(given, file);
  const settings = sweepSettings(options, command);
  const disks = (options.disk ?? DEFAULT_DISKS).map(diskSize);
  if (file === '-')
    throw new OrdealError('ORD-901', 'A sweep in the lab reads its document from a file, not from -');
  const { problems, sources, ...documents } = readDocuments(file === undefined ? [] : [file]);
  const json = options.json === true;
  if (hasErrors(problems)) return reportProblems(problems, sources, json, output);
  const { syscalls } = options;
  if (sweptRequest(documents, file, { ...settings, syscalls })?.kind === 'io') {
    throw new OrdealError('ORD-901', `${file}: a sweep over I/O needs no lab`, {
      hint: 'Run ordeal sweep: it works on this host, whatever its kernel is.',
    });
  }
  const again = commandLine('ordeal lab sweep', options, file);
  const earlier = options.resume === undefined ? undefined : readState(options.resume);
  const files = new SweepFiles(options.report, earlier, again);
  const telling = { output, files, again, chosen: settings.only !== undefined };
  const listener = json ? jsonSweepListener(telling) : textSweepListener(telling);
  const onLine = (line: GuestLine) => {
    if (line.type === 'problems') reportProblems(line.problems, sources, json, output);
    else if (line.type !== 'error') listener(line);
    else if (json) output.out.write(`${JSON.stringify(line)}\n`);
  };
  const progress = new ProgressReport(output.err);
  const kernelImage = await prepareLab(options.kernel, progress);
  const stop = catchStopSignals();
  try {
    // A sweep may take hours; each of its runs has its own limit.
    const vm = await boot({ kernelImage, disks, timeouts: { lifetimeMs: 0 } }, progress);
    try {
      const argv = guestSweep(file, options, command ?? []);
      return exitCodeOf(await sweepInGuest(vm, argv, onLine, (text) => output.err.write(text)));
    } catch (error) {
      const { state } = files.record;
      // A VM that was shut down is not a finding.
      if (state && !stop.signal.aborted && isVmDeath(error)) blameNextRun(state, error.detail, listener);
      throw error;
    } finally {
      files.save();
      await vm.shutdown();
    }
  } finally {
    stop.dispose();
  }
}

function isVmDeath(error: unknown): error is OrdealError {
  return error instanceof OrdealError && error.code === 'ORD-608';
}

/** The VM died during the run that had not been reported yet: that is the result of its fault. */
function blameNextRun(state: SweepState, console: readonly string[], listener: SweepEventListener): void {
  const n = (state.runs.at(-1)?.n ?? 0) + 1;
  const run: SweepRun = {
    n,
    outcome: 'kernel',
    words: console.findLast((line) => /panic|BUG|Oops/.test(line)) ?? 'the VM ended',
    exit: { kind: 'killed', signal: 'SIGKILL' },
    stack: [],
    thread: '',
    elapsedMs: 0,
    lastLines: [],
    kernelLog: console,
  };
  const runs = [...state.runs, run];
  const elapsedMs = runs.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  listener({ type: 'run', ...run });
  listener({ type: 'done', end: 'oops', elapsedMs, summary: summarise(runs, state.baseline) });
}
