import type { Command } from 'commander';
import { describeCommand } from './command-page.js';
import type { CommandContext } from './commands/context.js';
import type { Finish } from './program-parts.js';
import { examples } from './program-parts.js';

/** `ordeal completion` */
export function addCompletion(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('completion')
    .argument('<shell>', 'bash, zsh or fish')
    .summary('print a shell completion script')
    .description('Prints a script that makes bash, zsh or fish complete commands and options.')
    .action(async (shell: string) => {
      finish((await import('./commands/completion.js')).completion(shell, describeCommand(program), context));
    });
  examples(command, [
    ['source <(ordeal completion bash)', 'in ~/.bashrc; the same for zsh'],
    ['ordeal completion fish > ~/.config/fish/completions/ordeal.fish', ''],
  ]);
}
