import type { CommandPage, OptionPage } from '../command-page.js';

/** The shells that completion supports. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that makes `shell` complete the commands and options of a program, and files. Pure. */
export function renderCompletion(page: CommandPage, shell: Shell): string {
  const all = flatten(page);
  if (shell === 'fish') return fish(page, all);
  const script = bash(page, all);
  return shell === 'bash'
    ? script
    : `#compdef ${nameOf(page)}\nautoload -U +X bashcompinit && bashcompinit\n${script}`;
}

/** One `case` for each command, which is found by the words before the cursor that are not options. */
function bash(page: CommandPage, all: readonly CommandPage[]): string {
  const name = nameOf(page);
  return `_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" options="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    [[ \${COMP_WORDS[index]} == -- ]] && { COMPREPLY=($(compgen -f -- "$word")); return; }
    case "$command \${COMP_WORDS[index]}" in
${all
  .filter(({ names }) => names.length > 1)
  .map((each) => `      "${below(each)}") command="${below(each)}" ;;`)
  .join('\n')}
    esac
  done
  case "$command $previous" in
${all.flatMap((each) => each.options.filter(({ choices }) => choices.length > 0).map((option) => `    "${below(each)} ${option.long}") words="${option.choices.join(' ')}" ;;`)).join('\n')}
  esac
  [[ -n $words ]] && { COMPREPLY=($(compgen -W "$words" -- "$word")); return; }
  case "$command" in
${all.map((each) => `    "${below(each)}") words="${commandNames(each)}" options="${optionNames(each)}" ;;`).join('\n')}
  esac
  [[ $word == -* ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${name} ${name}
`;
}

/** The names below the program's own, each with a space before it. */
function below({ names }: CommandPage): string {
  return names
    .slice(1)
    .map((name) => ` ${name}`)
    .join('');
}

function commandNames({ commands }: CommandPage): string {
  return commands.map(({ names }) => names.at(-1)).join(' ');
}

function optionNames({ options }: CommandPage): string {
  return options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long])).join(' ');
}

function fish(page: CommandPage, all: readonly CommandPage[]): string {
  const name = nameOf(page);
  const lines = all.flatMap((each) => {
    const condition = conditionOf(each);
    return [
      ...each.commands.map(
        (command) =>
          `complete -c ${name} -f -n '${condition}' -a ${command.names.at(-1)} -d ${quoted(command.summary)}`,
      ),
      ...each.options.map((option) => `complete -c ${name} -n '${condition}' ${fishOption(option)}`),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function conditionOf({ names, commands }: CommandPage): string {
  const seen = names.slice(1).map((name) => `__fish_seen_subcommand_from ${name}`);
  const notYet =
    commands.length > 0
      ? [`not __fish_seen_subcommand_from ${commands.map((each) => each.names.at(-1)).join(' ')}`]
      : [];
  return [...seen, ...notYet].join('; and ');
}

function fishOption({ short, long, description, takesValue, choices }: OptionPage): string {
  return [
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    `-l ${long.slice(2)}`,
    ...(takesValue ? ['-r'] : []),
    ...(choices.length > 0 ? [`-f -a ${quoted(choices.join(' '))}`] : []),
    `-d ${quoted(description)}`,
  ].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function nameOf({ names }: CommandPage): string {
  return names[0] ?? '';
}

function flatten(page: CommandPage): CommandPage[] {
  return [page, ...page.commands.flatMap(flatten)];
}
