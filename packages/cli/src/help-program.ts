import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import type { Command } from 'commander';

/** `ordeal help [COMMAND…]`, the same as `ordeal COMMAND --help`. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .argument('[command...]', 'for example run, or lab run')
    .summary('print the help of a command')
    .description('Prints the help of a command, or of ordeal itself.')
    .action((names: string[]) => commandAt(program, names).outputHelp());
}

/** @throws OrdealError ORD-901 */
function commandAt(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const [index, name] of names.entries()) {
    const known = command.commands;
    const next = known.find((each) => each.name() === name);
    if (next === undefined) {
      const [near] = nearestNames(
        name,
        known.map((each) => each.name()),
        1,
      );
      const asked = names.slice(0, index + 1).join(' ');
      throw new OrdealError('ORD-901', `There is no command '${asked}'`, {
        hint: near === undefined ? '`ordeal help` lists the commands.' : `Did you mean ${near}?`,
      });
    }
    command = next;
  }
  return command;
}
