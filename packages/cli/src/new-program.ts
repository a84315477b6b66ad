import type { Command } from 'commander';
import type { CommandContext } from './commands/context.js';
import type { NewOptions } from './commands/new.js';
import type { Finish } from './program-parts.js';
import { examples } from './program-parts.js';

/** `ordeal new` */
export function addNew(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('new')
    .argument('[incident]', 'its name; all are listed when left out')
    .summary('write an experiment for a known incident')
    .description(
      'Lists known incidents, or writes the document of one. Its comments say what happens, who was affected, and what a robust program does.',
    )
    .option('--volume <path>', 'the directory or file whose I/O is to fail (default: /data)')
    .option('-o, --output <file>', 'write to a new file instead of standard output')
    .option('--json', 'print one JSON array, or one JSON object')
    .action(async (name: string | undefined, options: NewOptions) => {
      finish((await import('./commands/new.js')).newExperiment(name, options, context));
    });
  examples(command, [
    ['ordeal new', 'all incidents'],
    ['ordeal new slow-fsync --volume /var/lib/mysql -o slow.yaml', ''],
    ['ordeal new disk-full --volume /srv | sudo ordeal run - --pid 4211', 'at once'],
  ]);
}
