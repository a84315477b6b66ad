import { type Command, Option } from 'commander';
import type { CommandContext } from './commands/context.js';
import type { LabBuildOptions } from './commands/lab-build.js';
import type { LabListOptions } from './commands/lab-list.js';
import type { LabRunOptions } from './commands/lab-run.js';
import type { LabShellOptions } from './commands/lab-shell.js';
import type { Finish } from './program-parts.js';
import { addRunFlags, examples } from './program-parts.js';
import { addLabSweep } from './sweep-program.js';

/** `ordeal lab …` */
export function addLabCommands(program: Command, context: CommandContext, finish: Finish): void {
  const lab = program
    .command('lab')
    .helpCommand(false)
    .summary('rehearse in a throwaway VM')
    .description(
      'Runs experiments in a throwaway VM with a kernel that can inject. The VM sees the files of this host; changes to them are lost.',
    );
  addLabRun(lab, context, finish);
  addLabSweep(addMachineFlags(lab.command('sweep')), context, finish);
  const build = lab
    .command('build')
    .summary('build the kernel of the lab')
    .description(
      'Installs QEMU and build tools and builds the kernel of the lab, unless they are there already.',
    )
    .addOption(new Option('--flavour <line>', 'kernel line (default: 6.1)').choices(['6.1', '6.12']))
    .action(async (options: LabBuildOptions) => {
      finish(await (await import('./commands/lab-build.js')).labBuild(options, context));
    });
  examples(build, [['sudo ordeal lab build --flavour 6.12', '']]);
  const shell = addMachineFlags(lab.command('shell'))
    .summary('open a shell in the VM')
    .description('Opens a shell, or runs the command after --, on this terminal in a VM that ends with it.')
    .usage('[options] [-- CMD ARGS...]')
    .action(async (options: LabShellOptions) => {
      finish(await (await import('./commands/lab-shell.js')).labShell(options, context));
    });
  examples(shell, [['sudo ordeal lab shell --disk 1G', '']]);
  const list = lab
    .command('list')
    .summary('list built kernels')
    .description('Lists the kernels that the lab has built.')
    .option('--json', 'print one JSON array')
    .action(async (options: LabListOptions) => {
      finish(await (await import('./commands/lab-list.js')).labList(options, context));
    });
  examples(list, [['ordeal lab list', '']]);
  const clean = lab
    .command('clean')
    .summary('remove built kernels and logs')
    .description('Removes kernels, build trees and logs of the lab.')
    .action(async () => {
      finish(await (await import('./commands/lab-clean.js')).labClean(context));
    });
  examples(clean, [['ordeal lab clean', '']]);
}

function addLabRun(lab: Command, context: CommandContext, finish: Finish): void {
  const command = lab
    .command('run')
    .argument('<file...>', 'experiments; several files and documents work')
    .summary('run experiments in the VM')
    .description('The same as `ordeal run` inside the VM; builds its kernel first where that is missing.')
    .usage('[options] FILE... -- CMD ARGS...');
  addMachineFlags(addRunFlags(command)).action(async (files: string[], options: LabRunOptions) => {
    finish(await (await import('./commands/lab-run.js')).labRun(files, options, context));
  });
  examples(command, [
    ['sudo ordeal lab run kernel-mount.yaml -- ./mount-loop', ''],
    ["sudo ordeal lab run bio.yaml --disk 1G -- sh -c 'mkfs.ext4 -q /dev/vda && mount /dev/vda /mnt'", ''],
  ]);
}

function addMachineFlags(command: Command): Command {
  return command
    .option('--kernel <image>', "boot this kernel image, not the lab's own")
    .option(
      '--disk <size>',
      'a scratch disk /dev/vda, /dev/vdb, …; repeatable (default: one of 64M)',
      collect,
    );
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
