import { codes, OrdealError, ProblemsError, UnsupportedError } from '@ordeal/diagnostics';
import { KeeperProcess } from '@ordeal/io-chaos';
import { parseSweptCalls, type SweepRequest, sweepCommand } from '@ordeal/node';
import { EXIT } from '../exit-code.js';
import { type SweepFlags, type SweepSettings, subjectFlags, sweepSettings } from '../flags/sweep-flags.js';
import { ioSpec, kernelSpec } from '../host/kernel-spec.js';
import { hasErrors, type ReadDocuments, readDocuments } from '../host/read-documents.js';
import { withInput } from '../host/replayed-input.js';
import { requireRoot } from '../host/require-root.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { readState, SweepFiles } from '../host/sweep-files.js';
import { shellWords } from '../render/shell-words.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';
import { jsonSweepListener, textSweepListener } from './sweep-listener.js';

/** Runs a command again and again on this host, each time with another of its requests failing. */
export async function sweep(
  file: string | undefined,
  given: SweepFlags,
  { output, command, runDirectory }: CommandContext,
): Promise<number> {
  const options = withInput(given, file);
  const settings = sweepSettings(options, command);
  const documents = readDocuments(file === undefined ? [] : [file]);
  const sayProblems = (problems = documents.problems) =>
    reportProblems(problems, documents.sources, options.json === true, output);
  if (hasErrors(documents.problems)) return sayProblems();
  const { syscalls } = options;
  const what = sweptRequest(documents, file, { ...settings, syscalls });
  const resume = options.resume === undefined ? undefined : readState(options.resume);
  requireRoot('Making kernel requests fail');
  if (documents.problems.length > 0) sayProblems();
  const { mechanism, stdin, prepare, check, sameOutput } = options;
  const again = commandLine('ordeal sweep', options, file);
  const files = new SweepFiles(options.report, resume, again);
  const telling = { output, files, again, chosen: settings.only !== undefined };
  const stop = catchStopSignals();
  const keeper = new KeeperProcess(runDirectory);
  try {
    const ok = await sweepCommand({
      command: command ?? [],
      what,
      mechanism,
      inLab: process.env.ORDEAL_LAB === '1',
      stdin,
      prepare,
      check,
      sameOutput: sameOutput === true,
      ...settings,
      resume,
      keeper,
      signal: stop.signal,
      onEvent: options.json ? jsonSweepListener(telling) : textSweepListener(telling),
    });
    return ok ? EXIT.ok : EXIT.failed;
  } catch (error) {
    files.save();
    if (error instanceof ProblemsError) return sayProblems(error.problems);
    throw error instanceof UnsupportedError ? withLabSweep(error) : error;
  } finally {
    stop.dispose();
    await keeper.close();
  }
}

/** If this kernel cannot inject, the hint names the sweep in the lab. */
function withLabSweep(error: UnsupportedError): UnsupportedError {
  const hint = (error.hint ?? codes[error.code].wayOut).replace('ordeal lab run', 'ordeal lab sweep');
  const { code, missing, message, detail } = error;
  return new UnsupportedError(code, missing, message, { detail, hint, cause: error });
}

/** A sweep of the same, before `--`. */
export function commandLine(program: string, options: SweepFlags, file: string | undefined): string {
  const words = shellWords([...subjectFlags(options), ...(file === undefined ? [] : [file])]);
  return words === '' ? program : `${program} ${words}`;
}

/** The system calls of the flag, or the one request of a file. @throws OrdealError ORD-901 for none or several */
export function sweptRequest(
  { experiments }: Pick<ReadDocuments, 'experiments'>,
  file: string | undefined,
  {
    from,
    states,
    syscalls,
  }: Pick<SweepSettings, 'from' | 'states'> & { readonly syscalls: SweepFlags['syscalls'] | undefined },
): SweepRequest['what'] {
  if (file === undefined) {
    refuseIoFlags(from, states);
    if (syscalls === undefined) return undefined;
    return { kind: 'system calls', calls: syscalls === true ? undefined : parseSweptCalls(syscalls) };
  }
  if (syscalls !== undefined) {
    const message = `--syscalls says what fails, and so does ${file}: leave one of them out`;
    throw new OrdealError('ORD-901', message);
  }
  const [only, ...others] = experiments;
  const io = only && ioSpec(only);
  const kernel = only && kernelSpec(only);
  if (!only || (!kernel && !io) || others.length > 0) {
    throw new OrdealError(
      'ORD-901',
      `${file}: a sweep takes a file with one KernelChaos or IOChaos, or none`,
      {
        hint: 'Without a file, every slab allocation of the command fails in its turn.',
      },
    );
  }
  if (io) return { kind: 'io', spec: io, from, states };
  refuseIoFlags(from, states);
  return kernel && { kind: 'kernel', file: only.file, request: kernel.failKernRequest };
}

function refuseIoFlags(from: boolean, states: number): void {
  const flag = from ? '--from' : states > 1 ? '--cut' : undefined;
  if (flag) throw new OrdealError('ORD-901', `${flag} is for a sweep over I/O: give a file with an IOChaos`);
}
