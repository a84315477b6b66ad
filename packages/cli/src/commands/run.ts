import { OrdealError, ProblemsError } from '@ordeal/diagnostics';
import type { Experiment } from '@ordeal/experiment';
import type { KeeperProcess } from '@ordeal/io-chaos';
import { type RunEvent, type RunRequest, runExperiments } from '@ordeal/node';
import { optionalDuration } from '../flags/duration-flag.js';
import { type TargetFlags, targetChoice } from '../flags/target-flags.js';
import { kernelSpec } from '../host/kernel-spec.js';
import { hasErrors, type ReadDocuments, readDocuments } from '../host/read-documents.js';
import { requireWritable } from '../host/replace-file.js';
import { requireRoot } from '../host/require-root.js';
import { runSeed } from '../host/run-seed.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { repeatLine } from '../render/repeat-line.js';
import type { RunView } from '../render/run.js';
import type { CommandContext } from './context.js';
import type { RecordedRun } from './recording.js';
import { reportProblems } from './report-problems.js';
import { jsonRunListener, textRunListener } from './run-listener.js';

/** Flags that `run` and `lab run` share. */
export interface RunTimeFlags {
  readonly mechanism?: 'fmod_ret' | 'kprobe';
  readonly duration?: string;
  readonly before?: string;
  readonly after?: string;
  readonly interval?: string;
  readonly events?: true;
  readonly stacks?: true;
  readonly withExec?: true;
  readonly requireFaults?: true;
  readonly seed?: string;
  readonly json?: true;
}

export interface RunOptions extends TargetFlags, RunTimeFlags {
  readonly detach?: true;
  readonly name?: string;
  readonly report?: string;
  readonly record?: string;
}

/** What a run has besides its options. */
export interface RunParts {
  /** The command line that repeats it, with this seed. */
  readonly repeat: (seed: number | undefined) => string;
  /** Faults of an earlier run, which are made again. */
  readonly replay?: RunRequest['replay'];
  readonly hear?: (event: RunEvent) => void;
  /** For volumes that nobody holds; the caller's. */
  readonly keeper: KeeperProcess;
}

/** Events that are shown with `--events` only. */
const SINGLE_FAULTS: ReadonlySet<RunEvent['type']> = new Set(['fault', 'io-fault']);

const DEFAULT_INTERVAL = 1_000_000_000n;

/** Runs experiments in the foreground on this host. @param keeper for volumes that nobody holds; the caller's */
export async function run(
  files: readonly string[],
  options: RunOptions,
  context: CommandContext,
  keeper: KeeperProcess,
): Promise<number> {
  if (options.detach) return (await import('./detach.js')).detach(files, options, context);
  if (options.name !== undefined) throw new OrdealError('ORD-901', '--name is for detached runs (--detach)');
  return runDocuments(readDocuments(files), options, context, {
    repeat: (seed) => repeatLineOf(files, options, seed, context.command),
    keeper,
  });
}

/** Runs documents that were read. */
export async function runDocuments(
  { experiments, problems, sources }: ReadDocuments,
  options: RunOptions,
  context: CommandContext,
  { repeat: repeatWith, replay, hear: hearToo, keeper }: RunParts,
): Promise<number> {
  const { command } = context;
  const times = runTimes(options, command !== undefined);
  const sayProblems = () => reportProblems(problems, sources, options.json === true, context.output);
  if (hasErrors(problems)) return sayProblems();
  refuseKernelFlags(options, experiments);
  const seed = runSeed(options.seed, experiments);
  const target = targetChoice(options, command);
  requireRoot('Injecting faults');
  if (options.report !== undefined) requireWritable(options.report);
  if (problems.length > 0) sayProblems();
  const hasCommand = target.kind === 'command';
  const channel = hasCommand ? context.output.err : context.output.out;
  const view: RunView = {
    paint: channel.paint,
    columns: channel.columns,
    hasCommand,
    endsCommand: times.after !== undefined,
    several: experiments.length > 1,
    stacks: options.stacks === true,
  };
  const listener = options.json ? jsonRunListener(context.output.out) : textRunListener(channel, view);
  const repeat = process.env.ORDEAL_REPEAT ?? repeatWith(seed);
  const report = await reporting(options.report, { sources, view, repeat, command });
  const record = await recording(options, { experiments, sources, seed, command });
  const events = options.events === true;
  const hear = (event: RunEvent) => {
    record?.hear(event);
    if (events || !SINGLE_FAULTS.has(event.type)) listener.hear(event);
    report?.hear(event);
    hearToo?.(event);
  };
  const stop = catchStopSignals({ reader: options.json === true });
  let failure: unknown;
  try {
    const outcome = await runExperiments({
      experiments,
      target,
      mechanism: options.mechanism,
      ...times,
      withExec: options.withExec === true,
      requireFaults: options.requireFaults === true,
      seed,
      repeat,
      replay,
      outputToError: options.json === true,
      faults: events || record !== undefined || replay !== undefined,
      inLab: process.env.ORDEAL_LAB === '1',
      signal: stop.signal,
      onEvent: hear,
      keeper,
    });
    record?.close();
    if (record?.failure) throw record.failure;
    return outcome.exitCode;
  } catch (error) {
    failure = error;
    if (!(error instanceof ProblemsError)) throw error;
    return reportProblems(error.problems, sources, options.json === true, context.output);
  } finally {
    listener.close();
    record?.close();
    stop.dispose();
    report?.write(failure);
  }
}

/** The command line that repeats a run. Pure. */
export function repeatLineOf(
  files: readonly string[],
  { report: _, record, ...flags }: RunOptions,
  seed: number | undefined,
  command: readonly string[] | undefined,
): string {
  // A process that runs already may be the same the next time.
  if (record !== undefined)
    return repeatLine(['sudo', 'ordeal', 'replay'], [record], flags.pid ? { pid: flags.pid } : {}, undefined);
  const seeded = seed === undefined ? flags : { ...flags, seed };
  return repeatLine(['sudo', 'ordeal', 'run'], files, seeded, command);
}

interface Reported {
  readonly sources: ReadonlyMap<string, string>;
  readonly view: RunView;
  readonly repeat: string;
  readonly command: readonly string[] | undefined;
}

/** What `--record` writes; undefined without it. */
async function recording({ record, ...options }: RunOptions, run: RecordedRun) {
  if (record === undefined) return undefined;
  return (await import('./recording.js')).recordRun(record, options, run);
}

/** Collects what `--report` writes; undefined without it. */
async function reporting(path: string | undefined, { sources, view, repeat, command }: Reported) {
  if (path === undefined) return undefined;
  const { RunReportFile } = await import('../report/run-report-file.js');
  return new RunReportFile(path, view, { sources: sources.values(), repeat, command });
}

/** The times of a run from its flags. @throws OrdealError ORD-901 */
export function runTimes(options: RunTimeFlags, hasCommand: boolean) {
  const { before, after } = options;
  if (!hasCommand && (before !== undefined || after !== undefined)) {
    throw new OrdealError('ORD-901', '--before and --after are for runs with a command (-- CMD ARGS…)');
  }
  if (options.withExec && (!hasCommand || before !== undefined)) {
    throw new OrdealError('ORD-901', '--with-exec is for runs with a command, without --before');
  }
  const duration = optionalDuration('--duration', options.duration);
  if (duration === 0n) {
    throw new OrdealError('ORD-901', `--duration: the faults would end before they begin`, {
      hint: 'Write how long they last, for example 30s; leave it out for as long as the documents say.',
    });
  }
  const interval = optionalDuration('--interval', options.interval) ?? DEFAULT_INTERVAL;
  return {
    duration,
    before: optionalDuration('--before', before) ?? 0n,
    after: optionalDuration('--after', after),
    interval: Math.max(100, Number(interval / 1_000_000n)),
  };
}

/** Refuses flags that would have no effect. @throws OrdealError ORD-901 */
export function refuseKernelFlags(
  { mechanism, stacks }: { readonly mechanism?: string | undefined; readonly stacks?: true | undefined },
  experiments: readonly Experiment[],
): void {
  if (experiments.length === 0 || experiments.some((each) => kernelSpec(each) !== undefined)) return;
  const flag = stacks ? '--stacks' : mechanism === undefined ? undefined : '--mechanism';
  if (flag === undefined) return;
  throw new OrdealError('ORD-901', `${flag} is for KernelChaos, and there are only IOChaos documents`, {
    hint: `Leave it out${stacks ? '; --events shows each I/O fault' : ''}.`,
  });
}
