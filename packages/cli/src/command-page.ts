import type { Command, Option } from 'commander';
import { type Example, examplesOf } from './program-parts.js';

/** One command as data, for the manual and for completion. */
export interface CommandPage {
  /** From the program's own name on: `['ordeal', 'lab', 'run']`. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly description: string;
  /** What follows the names: `[options] FILE...`. */
  readonly usage: string;
  readonly options: readonly OptionPage[];
  /** Whether it takes arguments that are files. */
  readonly takesFiles: boolean;
  readonly examples: readonly Example[];
  readonly commands: readonly CommandPage[];
}

export interface OptionPage {
  readonly short: string | undefined;
  readonly long: string;
  /** `--pid <n>` as the help shows it. */
  readonly flags: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** Describes a command with its subcommands; hidden ones are left out. */
export function describeCommand(command: Command, before: readonly string[] = []): CommandPage {
  const names = [...before, command.name()];
  const help = command.createHelp();
  return {
    names,
    summary: command.summary(),
    description: command.description(),
    usage: command.usage(),
    options: help.visibleOptions(command).map(describeOption),
    takesFiles: command.registeredArguments.some((argument) => /file/i.test(argument.name())),
    examples: examplesOf(command),
    commands: help.visibleCommands(command).map((each) => describeCommand(each, names)),
  };
}

function describeOption(option: Option): OptionPage {
  return {
    short: option.short,
    long: option.long ?? '',
    flags: option.flags,
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}
