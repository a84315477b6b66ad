import { OrdealError } from '@ordeal/diagnostics';
import { documentTexts } from '@ordeal/experiment';
import { checkExperiments } from '@ordeal/node';
import type { RunSpec, RunTarget } from '@ordeal/supervisor';
import { EXIT } from '../exit-code.js';
import { optionalDuration } from '../flags/duration-flag.js';
import { targetChoice } from '../flags/target-flags.js';
import { askSupervisor } from '../host/held-runs.js';
import { hasErrors, readDocuments } from '../host/read-documents.js';
import { requireRoot } from '../host/require-root.js';
import { renderHeldRun } from '../render/held-run.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';
import type { RunOptions } from './run.js';

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
  const { experiments, problems, sources } = readDocuments(files);
  const { out } = context.output;
  if (problems.length > 0) reportProblems(problems, sources, options.json === true, context.output);
  if (hasErrors(problems)) return EXIT.failed;
  const target = targetChoice(options, undefined) as RunTarget;
  requireRoot('Injecting faults');
  // Here, because problems can be shown at their place in the files.
  const inLab = process.env.ORDEAL_LAB === '1';
  checkExperiments(experiments, { mechanism: undefined, duration, faults: false, inLab });
  const spec: RunSpec = {
    name: options.name ?? experiments[0]?.name ?? '',
    documents: [...sources.values()].flatMap(documentTexts),
    target,
    ...(duration !== undefined && { duration: Number(duration / 1_000_000n) }),
  };
  const started = await askSupervisor('start', { spec });
  if (started === undefined) return EXIT.failed;
  const { outcome, run } = started;
  if (options.json) {
    out.write(`${JSON.stringify({ type: outcome, run })}\n`);
    return EXIT.ok;
  }
  out.write(renderHeldRun(run, out.paint, Date.now()));
  out.write(`${outcome}; ordeal attach ${run.name} shows it, ordeal stop ${run.name} ends it\n`);
  return EXIT.ok;
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
