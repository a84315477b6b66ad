import type { Command } from 'commander';
import { addConnectionFlags, type ClusterFlags } from './cluster/cluster-flags.js';
import type { CommandContext } from './commands/context.js';
import type { GetOptions } from './commands/get.js';
import type { LogsOptions } from './commands/logs.js';
import type { Finish } from './program-parts.js';
import { examples } from './program-parts.js';

/** Commands that read the cluster of a kubeconfig. */
export function addClusterCommands(program: Command, context: CommandContext, finish: Finish): void {
  const get = addConnectionFlags(program.command('get').argument('[kind]').argument('[name]'))
    .summary('list the experiments of a cluster')
    .description(
      'Lists experiments and schedules of a cluster, and below each experiment the pods that are not in the desired state, with the reason. KIND is kernelchaos, iochaos or schedule.',
    )
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('--pods', 'show every pod, with its faults')
    .option('--json', 'print one JSON object')
    .action(async (kind: string | undefined, name: string | undefined, options: GetOptions) => {
      finish(await (await import('./commands/get.js')).get(kind, name, options, context));
    });
  examples(get, [
    ['ordeal get -A', 'everything in the cluster'],
    ['ordeal get iochaos/slow --pods', 'each pod of one experiment'],
    ['kubectl ordeal get', 'the same as a plugin of kubectl'],
  ]);
  const describe = addConnectionFlags(program.command('describe').argument('<kind/name>').argument('[name]'))
    .summary('show everything about an experiment of a cluster')
    .description('Shows conditions, pods, counters and history of one experiment of a cluster.')
    .option('--json', 'print one JSON object')
    .action(async (kind: string, name: string | undefined, options: ClusterFlags) => {
      finish(await (await import('./commands/describe.js')).describe(kind, name, options, context));
    });
  examples(describe, [['ordeal describe iochaos/slow -n shop', '']]);
  const watch = addConnectionFlags(program.command('watch').argument('[kind]').argument('[name]'))
    .summary('follow the experiments of a cluster')
    .description(
      'Prints a line for each change of an experiment of a cluster or of its pods, until Ctrl-C or, if one is named, until it is deleted.',
    )
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('--json', 'print a JSON object a line')
    .action(async (kind: string | undefined, name: string | undefined, options: ClusterFlags) => {
      finish(await (await import('./commands/watch.js')).watch(kind, name, options, context));
    });
  examples(watch, [['ordeal watch iochaos/slow', '']]);
  const logs = addConnectionFlags(
    program
      .command('logs')
      .argument('<what>', 'KIND/NAME in a cluster, or the name of a detached run of this host'),
  )
    .summary('print what happened to an experiment of a cluster, or to a detached run')
    .description(
      'Prints what happened to an experiment of a cluster and its targets, or to a detached run of this host since its start (the last megabyte is kept), oldest first.',
    )
    .option('-f, --follow', 'in a cluster: follow until it is deleted, or Ctrl-C')
    .option('--json', 'print a JSON object a line')
    .action(async (what: string, options: LogsOptions) => {
      finish(
        what.includes('/')
          ? await (await import('./commands/logs.js')).logs(what, options, context)
          : await (await import('./commands/run-log.js')).runLog(what, options, context),
      );
    });
  examples(logs, [
    ['ordeal logs -f iochaos/slow', 'of a cluster'],
    ['sudo ordeal logs slow-writes', 'a run that ordeal ps shows, or one of the last 20 that have ended'],
  ]);
}
