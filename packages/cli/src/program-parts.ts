import { type Command, Option } from 'commander';

/** Called with the exit code of the command that ran. */
export type Finish = (exitCode: number) => void;

/** The flag that chooses how functions are hooked. */
export function mechanismOption(): Option {
  return new Option(
    '--mechanism <name>',
    'for KernelChaos: how to hook functions; by default the first that works',
  ).choices(['fmod_ret', 'kprobe']);
}

/** Flags that `run` and `lab run` share. */
export function addRunFlags(command: Command): Command {
  return command
    .addOption(mechanismOption())
    .option('--duration <time>', 'lift the faults after this long, whatever the documents say')
    .option('--before <time>', 'let the command run this long before the first fault')
    .option('--after <time>', 'let the command run this long after the faults were lifted, then end it')
    .option('--with-exec', 'let the exec of the command fail too, not only what it does afterwards')
    .option('--interval <time>', 'how often counters are shown (default: 1s)')
    .option(
      '--events',
      'show each fault: when, to which process, and for I/O faults file, offset and what was done',
    )
    .option('--stacks', 'for KernelChaos: show every kernel stack at which faults happened, whole')
    .option('--seed <n>', 'for what is random in documents without a seed: the same choices again')
    .option('--require-faults', 'fail with exit code 4 where no fault happened')
    .option(
      '--json',
      'print events as JSON lines, and end when nobody reads them any more; the output of the command goes to standard error',
    );
}

/** A command line, and what it is for. */
export type Example = readonly [line: string, why: string];

const given = new WeakMap<Command, readonly Example[]>();

/** Adds examples to the help of a command. */
export function examples(command: Command, lines: readonly Example[]): void {
  given.set(command, lines);
  const width = Math.max(...lines.map(([line]) => line.length));
  const text = lines.map(([line, why]) => `  ${why === '' ? line : `${line.padEnd(width)}   ${why}`}`);
  command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}

/** The examples in the help of a command. */
export function examplesOf(command: Command): readonly Example[] {
  return given.get(command) ?? [];
}
