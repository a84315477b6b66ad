import type { Command } from 'commander';
import { addConnectionFlags } from './cluster/cluster-flags.js';
import type { AttachOptions } from './commands/attach.js';
import type { ChangeRunsOptions } from './commands/change-runs.js';
import type { CommandContext } from './commands/context.js';
import type { PsOptions } from './commands/ps.js';
import type { ReportOptions } from './commands/report.js';
import type { UiOptions } from './commands/ui.js';
import type { Finish } from './program-parts.js';
import { examples } from './program-parts.js';

/** Commands for detached runs: `ordeal run --detach`. */
export function addDetachedCommands(program: Command, context: CommandContext, finish: Finish): void {
  const ps = program
    .command('ps')
    .summary('list detached runs')
    .description('Lists the runs of this host that were started with ordeal run --detach.')
    .option('--all', 'also the last 20 that have ended')
    .option('-q, --quiet', 'print the names only')
    .option('--json', 'print one JSON array')
    .action(async (options: PsOptions) => {
      finish(await (await import('./commands/ps.js')).ps(options, context));
    });
  examples(ps, [['sudo ordeal ps', '']]);
  const attach = program
    .command('attach')
    .argument('<name>', 'a detached run')
    .summary('watch a detached run until it ends')
    .description(
      'Shows what happens to a detached run until it ends; Ctrl-C detaches, and the run continues. Exits with 3 if its faults ended before their time.',
    )
    .option('--stacks', 'show every kernel stack at which faults happened, whole')
    .option('--json', 'print events as JSON lines')
    .action(async (name: string, options: AttachOptions) => {
      finish(await (await import('./commands/attach.js')).attach(name, options, context));
    });
  examples(attach, [['sudo ordeal attach slow-writes', '']]);
  const report = program
    .command('report')
    .argument('<name>', 'a detached run, or the JSON report of a sweep: FILE.json')
    .summary('write an HTML file about a detached run or a sweep')
    .description(
      'Writes one HTML file about a detached run that goes on or has ended: what it failed, when, for whom, its events and documents. ordeal run --report and ordeal sweep --report write those of runs in the foreground and of sweeps at their end.',
    )
    .option(
      '-o, --output <file>',
      'write to a file instead of standard output; one that is there is replaced',
    )
    .action(async (name: string, options: ReportOptions) => {
      finish(await (await import('./commands/report.js')).report(name, options, context));
    });
  examples(report, [
    ['sudo ordeal report slow-writes -o slow-writes.html', ''],
    ['ordeal report sweep.json -o sweep.html', 'a sweep, from what its --report wrote'],
  ]);
  const ui = addConnectionFlags(program.command('ui'))
    .summary('serve a page of detached runs, or of a cluster')
    .description(
      'Serves a page of the detached runs of this host until Ctrl-C, to 127.0.0.1 alone: live counters, start from an incident, pause, stop, reports. Whoever has the address that it prints can do all of that. The runs go on without it. With --cluster, the page is of the experiments of a cluster, with what your kubeconfig may do: counters, conditions, pause, resume, delete.',
    )
    .option('--cluster', 'of the experiments of a cluster, not of this host')
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('--port <n>', 'listen there (default: a port that is free)')
    .option('--json', 'print the address as one JSON object')
    .action(async (options: UiOptions) => {
      finish(await (await import('./commands/ui.js')).ui(options, context));
    });
  examples(ui, [
    ['sudo ordeal ui', ''],
    ['ordeal ui --cluster -n shop', 'of a cluster'],
    ['ssh -L 8100:127.0.0.1:8100 host sudo ordeal ui --port 8100', 'the page of another host'],
  ]);
  addChange(program, context, finish, 'pause', {
    summary: 'suspend the faults of detached runs',
    description:
      'Suspends the faults of detached runs until ordeal resume; their duration keeps running. Returns when the faults have ended.',
  });
  addChange(program, context, finish, 'resume', {
    summary: 'resume paused runs',
    description: 'Arms the faults of paused runs again, for the time that is left.',
  });
  addChange(program, context, finish, 'stop', {
    summary: 'end detached runs',
    description: 'Ends detached runs. Returns when everything is restored, and prints the number of faults.',
  }).option('--stacks', 'show every kernel stack at which faults happened, whole');
}

function addChange(
  program: Command,
  context: CommandContext,
  finish: Finish,
  change: 'pause' | 'resume' | 'stop',
  { summary, description }: { readonly summary: string; readonly description: string },
): Command {
  const command = program
    .command(change)
    .argument('[name...]', 'detached runs')
    .summary(summary)
    .description(description)
    .option('--all', 'all detached runs')
    .option('--json', 'print one JSON object a run')
    .action(async (names: string[], options: ChangeRunsOptions) => {
      const { changeRuns } = await import('./commands/change-runs.js');
      finish(await changeRuns(change, names, options, context));
    });
  examples(command, [[`sudo ordeal ${change} slow-writes`, '']]);
  return command;
}
