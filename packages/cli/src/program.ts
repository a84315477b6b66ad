import { OrdealError } from '@ordeal/diagnostics';
import { Command } from 'commander';
import { addClusterCommands } from './cluster-program.js';
import type { CommandContext } from './commands/context.js';
import type { DoctorOptions } from './commands/doctor.js';
import type { ExplainOptions } from './commands/explain.js';
import type { FunctionsOptions } from './commands/functions.js';
import type { RecoverOptions } from './commands/recover.js';
import type { RunOptions } from './commands/run.js';
import type { ValidateOptions } from './commands/validate.js';
import { addCompletion } from './completion-program.js';
import { addDetachedCommands } from './detached-program.js';
import { ENVIRONMENT, EXIT_MEANINGS } from './exit-code.js';
import { addHelp } from './help-program.js';
import { addInstallCommands } from './install-program.js';
import { addLabCommands } from './lab-program.js';
import { addNew } from './new-program.js';
import { addPowerCommands } from './power-program.js';
import { addRunFlags, examples, type Finish, mechanismOption } from './program-parts.js';
import { addReplay } from './replay-program.js';
import { addSweep } from './sweep-program.js';
import { FULL_VERSION } from './version.js';

/**
 * The command line. Each command is imported when it runs: starting Node with everything would take seconds on slow
 * machines.
 */
export function buildProgram(context: CommandContext, finish: Finish): Command {
  const { out, err } = context.output;
  const program = new Command('ordeal')
    .description(
      'Injects kernel and I/O faults into running Linux programs: on purpose, in one place, for a bounded time.',
    )
    .version(FULL_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ helpWidth: Math.min(out.columns, 110), showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      outputError: (text, write) => write(usageError(text)),
    })
    .exitOverride()
    .hook('preAction', (_, command) => refuseStrayCommand(command, context));
  program.addHelpText('after', afterword(Math.min(out.columns, 110)));
  addRun(program, context, finish);
  addReplay(program, context, finish);
  addDetachedCommands(program, context, finish);
  addPowerCommands(program, context, finish);
  addSweep(program, context, finish);
  addNew(program, context, finish);
  addRecover(program, context, finish);
  addReaders(program, context, finish);
  addClusterCommands(program, context, finish);
  addInstallCommands(program, context, finish);
  addLabCommands(program, context, finish);
  addCompletion(program, context, finish);
  addHelp(program);
  return program;
}

function addRun(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('run')
    .argument('<file...>', 'experiments; several files and documents work, - is standard input')
    .summary('run experiments on this host')
    .description(
      'Runs experiments in the foreground on this host until their duration is over, Ctrl-C is pressed or the command ends. Always restores the target.',
    )
    .usage('[options] FILE... [-- CMD ARGS...]')
    .option('--pid <n>', 'for a running process and its children')
    .option('--cgroup <path>', 'for a cgroup v2 directory and those below it')
    .option(
      '--container <name>',
      "for a running container, by id or name; 'selector' for those that the documents choose",
    )
    .option('--detach', 'return when the faults are armed; a background process holds them')
    .option('--name <name>', 'with --detach: the name of the run (default: that of the first document)')
    .option('--record <file>', 'write each fault as it happens, for `ordeal replay`')
    .option('--report <file>', 'write an HTML report when the run ends');
  addRunFlags(command).action(async (files: string[], options: RunOptions) => {
    finish(await (await import('./commands/run-soon.js')).runSoon(files, options, context));
  });
  examples(command, [
    ['sudo ordeal run kernel-mount.yaml -- ./mount-loop', 'start a command and make it fail'],
    ['sudo ordeal run slab.yaml --pid 4211 --duration 30s', 'a process that is already running'],
    ['sudo ordeal run io-latency.yaml --pid 4211', 'slow files, including open ones'],
    ['sudo ordeal run slab.yaml --json --container web', 'events as JSON lines'],
    ['sudo ordeal run io-latency.yaml --pid 4211 --report run.html', 'with a report in one file'],
    ['sudo ordeal run --detach slow-writes.yaml --pid 4211', 'see ordeal ps, attach, stop'],
  ]);
}

function addRecover(program: Command, context: CommandContext, finish: Finish): void {
  const command = program
    .command('recover')
    .summary('clean up after killed runs')
    .description(
      'Cleans up I/O experiments of this host whose processes were all killed: moves their targets back to the underlying file system and unmounts. Experiments that are still running are left alone.',
    )
    .option('--json', 'print one JSON array')
    .action(async (options: RecoverOptions) => {
      finish(await (await import('./commands/recover.js')).recover(options, context));
    });
  examples(command, [['sudo ordeal recover', '']]);
}

/** Commands that change nothing. */
function addReaders(program: Command, context: CommandContext, finish: Finish): void {
  const validate = program
    .command('validate')
    .argument('<file...>', 'experiments; - is standard input')
    .summary('show every problem in documents')
    .description(
      'Shows every problem of every file with its line and column. Checks call chains against the running kernel or that of --btf, and says what could not be checked. Exits with 1 if any problem is an error.',
    )
    .option('--btf <file>', 'check call chains against the kernel that this BTF file describes, not this one')
    .option('--json', 'print one JSON object')
    .action(async (files: string[], options: ValidateOptions) => {
      finish(await (await import('./commands/validate.js')).validate(files, options, context));
    });
  examples(validate, [
    ['ordeal validate *.yaml', ''],
    ['ordeal validate slab.yaml --btf node.btf', "with a copy of another machine's /sys/kernel/btf/vmlinux"],
  ]);
  const explain = program
    .command('explain')
    .argument('<file...>', 'experiments; - is standard input')
    .summary('show what a run would do')
    .description(
      'Shows the plan of each experiment: fault point, call chain with real prototypes, and the programs; or which open files, directories and mappings would be moved. Touches nothing.',
    )
    .option('--btf <file>', 'for the kernel that this BTF file describes, not this one')
    .option('--pid <n>', 'for IOChaos: what would be moved if this process were the target')
    .option('--cgroup <path>', 'the same for a cgroup v2 directory')
    .option('--container <name>', 'the same for a running container, by id or name')
    .addOption(mechanismOption())
    .option('--json', 'print one JSON array')
    .action(async (files: string[], options: ExplainOptions) => {
      finish(await (await import('./commands/explain.js')).explain(files, options, context));
    });
  examples(explain, [
    ['ordeal explain kernel-mount.yaml --mechanism kprobe', ''],
    [
      'sudo ordeal explain io-latency.yaml --container web',
      'which processes would be moved, with which files',
    ],
  ]);
  const functions = program
    .command('functions')
    .argument('[pattern]', 'part of a name, or with * and ? a whole name')
    .summary('list kernel functions')
    .description(
      'Lists kernel functions that can be in a call chain, with prototypes, and marks the fault points. With --injectable, lists the functions and system calls that a KernelChaos can name in function: how each fails, and what can make it fail here.',
    )
    .option('--injectable', 'only those that this kernel allows to fail, system calls included')
    .option('--btf <file>', 'of the kernel that this BTF file describes, not this one')
    .option('--json', 'print a JSON object a line')
    .action(async (pattern: string | undefined, options: FunctionsOptions) => {
      finish(await (await import('./commands/functions.js')).functions(pattern, options, context));
    });
  examples(functions, [
    ['ordeal functions mount', ''],
    ["ordeal functions '__x64_sys_*'", ''],
    ['sudo ordeal functions --injectable open', 'system calls that can fail, with their arguments'],
  ]);
  const doctor = program
    .command('doctor')
    .summary('show what this kernel and host can do')
    .description(
      'Tries, without changing anything, what this kernel and host can do, and says what is missing.',
    )
    .option('--json', 'print one JSON object')
    .action(async (options: DoctorOptions) => {
      finish(await (await import('./commands/doctor.js')).doctor(options, context));
    });
  examples(doctor, [['sudo ordeal doctor', '']]);
}

/** Exit codes and environment, wrapped between items. */
function afterword(width: number): string {
  const list = (title: string, items: readonly (readonly [string, string])[]) => {
    let line = `${title}:`;
    const lines: string[] = [];
    items.forEach(([name, meaning], index) => {
      const item = ` ${name} ${meaning}${index === items.length - 1 ? '.' : ','}`;
      if (line.length + item.length > width) {
        lines.push(line);
        line = ` ${item}`;
      } else line += item;
    });
    return [...lines, line].join('\n');
  };
  return [
    '',
    list('Exit codes', EXIT_MEANINGS),
    'run and lab run exit with the exit code of their command if it is not 0.',
    list('Environment', ENVIRONMENT),
  ].join('\n');
}

function usageError(text: string): string {
  return `ordeal: ${text.trim().replace(/^error: /, '')}  [ORD-901]\n  See \`ordeal --help\` or \`ordeal COMMAND --help\`.\n`;
}

const WITH_COMMAND = new Set(['run', 'replay', 'shell', 'sweep']);

function refuseStrayCommand(command: Command, context: CommandContext): void {
  if (context.command === undefined || WITH_COMMAND.has(command.name())) return;
  throw new OrdealError('ORD-901', `${command.name()} takes no command after --`);
}
