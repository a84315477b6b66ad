import type { Command } from 'commander';
import type { CommandContext } from './commands/context.js';
import type { LabSweepOptions } from './commands/lab-sweep.js';
import type { SweepFlags } from './flags/sweep-flags.js';
import type { Finish } from './program-parts.js';
import { examples, mechanismOption } from './program-parts.js';

/** `ordeal sweep` */
export function addSweep(program: Command, context: CommandContext, finish: Finish): void {
  const command = addSweepFlags(program.command('sweep'))
    .summary('fail each request of a command once')
    .description(
      'Runs a command again and again, failing its 1st, 2nd, 3rd … matching request, one per run, until a run sees no fault. Reports where the command survives and where it does not. Without a file every slab allocation in the kernel matches; the fault type, call chain and predicates of a KernelChaos select others. With an IOChaos of action fault, the I/O requests that it matches fail, on any kernel; with action powerLoss, the power is cut before each change of its volume and after the end, and --check is run on what is left. The volume is then brought back to its beginning before each run and at the end: what changed is written again from a copy in memory, of at most 256 MiB.',
    );
  command.action(async (file: string | undefined, options: SweepFlags) => {
    finish(await (await import('./commands/sweep.js')).sweep(file, options, context));
  });
  examples(command, [
    ['sudo ordeal sweep --report sweep -- ./parser input.txt', 'sweep.html, sweep.json and sweep.xml'],
    ['sudo ordeal sweep --resume sweep.json --report sweep -- ./parser input.txt', 'continue it'],
    [
      "sudo ordeal sweep writes.yaml --check './verify /data' -- ./import /data",
      'an IOChaos: failing writes',
    ],
    ["sudo ordeal sweep power.yaml --cut 5 --check './verify /data' -- ./import /data", 'power cuts'],
    ['sudo ordeal sweep --syscalls -- ./server --once', 'failing system calls'],
    ['sudo ordeal sweep --only 231 -- ./parser input.txt', 'one run with its output'],
    [
      "sudo ordeal sweep --prepare 'rm -f t.db' --check 'sqlite3 t.db .schema' -- sqlite3 t.db < load.sql",
      '',
    ],
  ]);
}

/** `ordeal lab sweep`. @param command made by the caller, with the flags of the machine */
export function addLabSweep(command: Command, context: CommandContext, finish: Finish): void {
  addSweepFlags(command)
    .summary('fail each request of a command once, in the VM')
    .description(
      'The same as `ordeal sweep` inside the VM; reports are written on this host. Requests that the VM makes to read the files of this host never fail.',
    )
    .action(async (file: string | undefined, options: LabSweepOptions) => {
      finish(await (await import('./commands/lab-sweep.js')).labSweep(file, options, context));
    });
  examples(command, [['sudo ordeal lab sweep --report sweep -- ./parser input.txt', '']]);
}

function addSweepFlags(command: Command): Command {
  return command
    .argument('[file]', 'a file with one KernelChaos or IOChaos that says what fails')
    .usage('[options] [FILE] -- CMD ARGS...')
    .addOption(mechanismOption())
    .option(
      '--syscalls [list]',
      'system calls fail instead, each with a typical error, or with that of the list: openat,write=ENOSPC',
    )
    .option('--limit <time>', 'a run that takes longer counts as hanging (default: 10s)')
    .option(
      '--stdin <file>',
      'standard input of every run (default: the file that standard input is redirected from)',
    )
    .option('--prepare <cmd>', 'a shell command before every run, without faults')
    .option(
      '--check <cmd>',
      'a shell command that must succeed if the command exits with success, or its power was cut; it reads what the command has printed',
    )
    .option('--same-output', 'the standard output must be the same as without a fault, too')
    .option('--from', 'IOChaos: in the n-th run all requests from the n-th on fail, not only that one')
    .option('--cut <k>', 'IOChaos with powerLoss: make k crash states of each change (default: 1)')
    .option('--settle <n>', 'end after this many runs in a row without a fault (default: 3)')
    .option('--most <n>', 'stop after this many runs; --resume continues (default: 10000)')
    .option('--only <n,n,…>', 'only these runs, with their output')
    .option(
      '--report <name>',
      'write NAME.html, NAME.json and NAME.xml (JUnit); where the name ends in .html, only that file',
    )
    .option('--resume <file>', 'continue the sweep of this report')
    .option('--json', 'print events as JSON lines on standard output');
}
