import type { Command } from 'commander';
import { addConnectionFlags } from './cluster/cluster-flags.js';
import type { CommandContext } from './commands/context.js';
import type { InstallFlags } from './commands/install.js';
import type { UninstallFlags } from './commands/uninstall.js';
import type { Finish } from './program-parts.js';
import { examples } from './program-parts.js';

const NAMESPACE = 'ordeal';

/** `ordeal install` and `ordeal uninstall`. */
export function addInstallCommands(program: Command, context: CommandContext, finish: Finish): void {
  const install = addReleaseFlags(program.command('install'))
    .summary('install Ordeal into a cluster')
    .description(
      'Installs the CRDs, the controller, the agents and the policies into the cluster of the kubeconfig, or updates them to this version and these values. Uses the same chart as Helm, but does not need Helm.',
    )
    .option('--set <name=value>', 'a value of the chart; repeatable', collect)
    .option('--values <file>', 'a file with values of the chart; repeatable, - is standard input', collect)
    .option('--dry-run', 'print the manifests and touch nothing')
    .option('--json', 'print a JSON object a line')
    .action(async (flags: InstallFlags) => {
      finish(await (await import('./commands/install.js')).install(flags, context));
    });
  examples(install, [
    ['ordeal install', ''],
    ['ordeal install --set kernelChaos.enabled=true --set scope.namespace=staging', ''],
    ['ordeal install --dry-run | kubectl apply --server-side -f -', 'the same with kubectl'],
  ]);
  const uninstall = addReleaseFlags(program.command('uninstall'))
    .summary('remove Ordeal from a cluster')
    .description(
      'Removes what ordeal install created, except the namespace and the CRDs. Refused while there are experiments.',
    )
    .option('--experiments', 'delete all experiments first, and wait until their faults are lifted')
    .option('--crds', 'remove the CRDs, too')
    .option('--json', 'print a JSON object a line')
    .action(async (flags: UninstallFlags) => {
      finish(await (await import('./commands/uninstall.js')).uninstall(flags, context));
    });
  examples(uninstall, [['ordeal uninstall --experiments --crds', 'nothing is left']]);
}

function addReleaseFlags(command: Command): Command {
  return addConnectionFlags(command, NAMESPACE).option(
    '--name <name>',
    'the name of the installation',
    'ordeal',
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
