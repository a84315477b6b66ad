import type { Command } from 'commander';
import type { CommandContext } from './commands/context.js';
import type { ReplayOptions } from './commands/replay.js';
import { examples, type Finish } from './program-parts.js';

/** `ordeal replay` */
export function addReplay(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('replay')
    .argument('<file>', 'a record that `ordeal run --record FILE` has written')
    .usage('[options] FILE [-- CMD ARGS...]')
    .summary('make the faults of a recorded run again')
    .description(
      'Runs the recorded command, or another one, with the recorded faults: the n-th matching request of an experiment meets the fault that the n-th met in the recorded run, and no other request meets one. Says what differed from the record. Exits with 0 if the same faults happened and the run ended with the recorded exit code, with 5 if not.',
    )
    .option('--pid <n>', 'instead of the command: for a running process and its children')
    .option('--cgroup <path>', 'for a cgroup v2 directory and those below it')
    .option('--container <name>', 'for a running container, by id or name')
    .option('--events', 'show each fault')
    .option('--json', 'print events as JSON lines; the output of the command goes to standard error')
    .action(async (file: string, options: ReplayOptions) => {
      finish(await (await import('./commands/replay.js')).replay(file, options, context));
    });
  examples(command, [
    ['sudo ordeal run eio.yaml --record run.jsonl -- ./app', 'record a run'],
    ['sudo ordeal replay run.jsonl', 'the same again'],
    ['sudo ordeal replay run.jsonl -- ./app --verbose', 'with another command'],
  ]);
}
