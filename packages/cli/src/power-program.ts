import { type Command, Option } from 'commander';
import type { CommandContext } from './commands/context.js';
import type { CutOptions } from './commands/cut.js';
import type { UnsyncedOptions } from './commands/unsynced.js';
import type { Finish } from './program-parts.js';
import { examples } from './program-parts.js';

/** Commands for volumes under an IOChaos with action powerLoss. */
export function addPowerCommands(program: Command, context: CommandContext, finish: Finish): void {
  const cut = program
    .command('cut')
    .argument('[name]', 'a detached run with an IOChaos whose action is powerLoss')
    .summary('cut the power of a volume')
    .description(
      'Kills the target of a run and whoever else uses its volume, and turns the volume into a state that a power failure may leave: what was not synced is lost, as the document says. Tells what was lost. The program can be started on it again.',
    )
    .option('--pid <n>', 'the volumes that this process sees, whoever holds them; it is killed, too')
    .addOption(
      new Option('--lose <what>', 'what is lost, whatever the document says').choices([
        'all',
        'none',
        'random',
      ]),
    )
    .option('--seed <n>', 'for random: the same choice again')
    .option('--json', 'print one JSON object a volume')
    .action(async (name: string | undefined, options: CutOptions) => {
      finish(await (await import('./commands/cut.js')).cut(name, options, context));
    });
  examples(cut, [
    ['sudo ordeal cut power-loss', 'of a detached run'],
    ['sudo ordeal cut --pid 4211 --lose random --seed 7', 'whatever run it is under'],
  ]);
  const unsynced = program
    .command('unsynced')
    .argument('[name]', 'a detached run with an IOChaos whose action is powerLoss')
    .summary('show what a power failure would take away')
    .description('Shows which data and names of a volume are not synced now: a cut could take them away.')
    .option('--pid <n>', 'the volumes that this process sees, whoever holds them')
    .option('--json', 'print one JSON object a volume')
    .action(async (name: string | undefined, options: UnsyncedOptions) => {
      finish(await (await import('./commands/unsynced.js')).unsynced(name, options, context));
    });
  examples(unsynced, [['sudo ordeal unsynced power-loss', '']]);
}
