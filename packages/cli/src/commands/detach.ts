import { OrdealError } from '@ordeal/diagnostics';
import { documentTexts } from '@ordeal/experiment';
import { checkExperiments } from '@ordeal/node';
import type { RunSpec, RunTarget } from '@ordeal/supervisor';
import { EXIT } from '../exit-code.js';
import { optionalDuration } from '../flags/duration-flag.js';
import { targetChoice } from '../flags/target-flags.js';
import { HeldRuns } from '../host/held-runs.js';
import { hasErrors, type ReadDocuments, readDocuments } from '../host/read-documents.js';
import { requireRoot } from '../host/require-root.js';
import { runSeed } from '../host/run-seed.js';
import { renderHeldRun } from '../render/held-run.js';
import type { CommandContext } from './context.js';
import type { RecordedRun } from './recording.js';
import { reportProblems } from './report-problems.js';
import { type RunOptions, repeatLineOf } from './run.js';

/** Flags of foreground runs. */
const FOREGROUND = [
  'before',
  'after',
  'withExec',
  'interval',
  'events',
  'stacks',
  'requireFaults',
  'mechanism',
  'report',
] as const;

/** Hands experiments to the supervisor, which holds them after this command has ended. */
export async function detach(
  files: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  refuseForeground(options, context);
  const duration = optionalDuration('--duration', options.duration);
  const read = readDocuments(files);
  const { problems, sources } = read;
  const { out } = context.output;
  if (problems.length > 0) reportProblems(problems, sources, options.json === true, context.output);
  if (hasErrors(problems)) return EXIT.failed;
  const target = targetChoice(options, undefined) as RunTarget;
  requireRoot('Injecting faults');
  const seed = options.seed === undefined ? undefined : runSeed(options.seed, read.experiments);
  const { seed: _, json, ...flags } = options;
  const record = await recording(options, { ...read, seed, command: undefined });
  const repeat = repeatLineOf(
    files,
    { ...flags, ...(record && { record: record.path }) },
    undefined,
    undefined,
  );
  const checked = checkedSpec(read, target, { name: options.name, duration });
  const spec = { ...checked, repeat, ...(record && { record }) };
  const runs = new HeldRuns(context.runDirectory);
  const started = await runs.ask('start', { spec: { ...spec, ...(seed !== undefined && { seed }) } });
  if (started === undefined) return EXIT.failed;
  const { outcome, run } = started;
  if (json) {
    out.write(`${JSON.stringify({ type: outcome, run })}\n`);
    return EXIT.ok;
  }
  out.write(renderHeldRun(run, out.paint, Date.now()));
  out.write(`${outcome}; ordeal attach ${run.name} shows it, ordeal stop ${run.name} ends it\n`);
  return EXIT.ok;
}

async function recording({ record, ...options }: RunOptions, run: RecordedRun) {
  if (record === undefined) return undefined;
  return (await import('./recording.js')).recordDetached(record, options, run);
}

/**
 * What the supervisor is asked to hold, checked here, where mistakes can be shown in the files.
 *
 * @throws ProblemsError, UnsupportedError, OrdealError
 */
export function checkedSpec(
  { experiments, sources }: Pick<ReadDocuments, 'experiments' | 'sources'>,
  target: RunTarget,
  { name, duration }: { readonly name?: string | undefined; readonly duration?: bigint | undefined },
): RunSpec {
  const inLab = process.env.ORDEAL_LAB === '1';
  checkExperiments(experiments, { mechanism: undefined, duration, faults: false, inLab });
  return {
    name: name ?? experiments[0]?.name ?? '',
    documents: [...sources.values()].flatMap(documentTexts),
    target,
    ...(duration !== undefined && { duration: Number(duration / 1_000_000n) }),
  };
}

function refuseForeground(options: RunOptions, { command }: CommandContext): void {
  if (command !== undefined) {
    throw new OrdealError('ORD-901', '--detach takes no command: commands run in the foreground', {
      hint: 'Start it separately and give --pid, --cgroup or --container.',
    });
  }
  const flag = FOREGROUND.find((name) => options[name] !== undefined);
  if (flag === undefined) return;
  const written = flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new OrdealError('ORD-901', `--${written} is for runs in the foreground, not for --detach`);
}
