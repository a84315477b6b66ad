import { readFileSync } from 'node:fs';
import { asJson, OrdealError } from '@ordeal/diagnostics';
import { KeeperProcess } from '@ordeal/io-chaos';
import { parseRecord, type RecordedFlags, type RecordHeader, ReplayComparison } from '@ordeal/node';
import { EXIT } from '../exit-code.js';
import type { TargetFlags } from '../flags/target-flags.js';
import { type ReadDocuments, readText } from '../host/read-documents.js';
import { repeatLine } from '../render/repeat-line.js';
import { renderReplay } from '../render/replay.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';
import { runDocuments } from './run.js';

export interface ReplayOptions extends TargetFlags {
  readonly events?: true;
  readonly json?: true;
}

/** Runs what was recorded again, with the same faults at the same requests, and compares. */
export async function replay(path: string, options: ReplayOptions, context: CommandContext): Promise<number> {
  const { output } = context;
  const text = readRecordFile(path);
  const { recording, problems } = parseRecord(text, path);
  const sources = new Map([[path, text]]);
  if (problems.length > 0) reportProblems(problems, sources, options.json === true, output);
  if (!recording) return EXIT.failed;
  const comparison = new ReplayComparison(recording);
  const { command, ...run } = runOf(recording.header, options, context.command);
  const keeper = new KeeperProcess(context.runDirectory);
  const exitCode = await runDocuments(
    documentsOf(recording.header),
    run,
    { ...context, command },
    {
      repeat: () => repeatLine(['sudo', 'ordeal', 'replay'], [path], options, context.command),
      replay: recording.replay,
      hear: (event) => comparison.hear(event),
      keeper,
    },
  ).finally(() => keeper.close());
  const { result } = comparison;
  if (!result) return exitCode;
  const event = { type: 'replay', at: new Date().toISOString(), record: path, ...result };
  if (options.json) output.out.write(asJson(event));
  else (command ? output.err : output.out).write(renderReplay(result));
  return result.same ? EXIT.ok : EXIT.differs;
}

interface ReplayedRun extends RecordedFlags {
  readonly command: readonly string[] | undefined;
  readonly events?: true;
  readonly json?: true;
}

/** The recorded target, unless another is given. @throws OrdealError ORD-309 */
function runOf(
  { command, flags }: RecordHeader,
  options: ReplayOptions,
  given: readonly string[] | undefined,
): ReplayedRun {
  const { pid, cgroup, container, ...ofCommand } = flags;
  const { before: _before, after: _after, withExec: _withExec, ...always } = ofCommand;
  const hasTarget = [options.pid, options.cgroup, options.container].some((flag) => flag !== undefined);
  if (given || (command && !hasTarget)) return { ...ofCommand, ...options, command: given ?? command };
  if (hasTarget) return { ...always, ...options, command: undefined };
  if (pid !== undefined)
    throw new OrdealError(
      'ORD-309',
      `The recorded run was for process ${pid}, which may be another one now`,
      {
        hint: 'Give --pid N, --cgroup PATH, --container NAME or -- CMD.',
      },
    );
  const place = {
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(container === undefined ? {} : { container }),
  };
  return { ...always, ...place, ...options, command: undefined };
}

function documentsOf({ documents }: RecordHeader): ReadDocuments {
  const read = documents.map(({ file, text }) => readText(text, file));
  return {
    experiments: read.flatMap(({ experiments }) => experiments),
    problems: read.flatMap(({ problems }) => problems),
    brokenFrames: read.flatMap(({ brokenFrames }) => brokenFrames),
    sources: new Map(documents.map(({ file, text }) => [file, text])),
  };
}

/** @throws OrdealError ORD-902 */
function readRecordFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OrdealError('ORD-902', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
