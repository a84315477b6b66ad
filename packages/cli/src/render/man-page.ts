import type { CommandPage } from '../command-page.js';

/** Lists that stand at the end of the manual: a name and what it means. */
export interface ManLists {
  readonly exitCodes: readonly (readonly [string, string])[];
  readonly environment: readonly (readonly [string, string])[];
}

/** The manual page of the whole program, section 1, in the `man` macros of troff (man 7 man). Pure. */
export function renderManPage(page: CommandPage, version: string, lists: ManLists): string {
  const [name = ''] = page.names;
  const commands = flatten(page.commands);
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"`,
    '.SH NAME',
    `${name} \\- ${escaped(lowerFirst(page.description.replace(/\.$/, '')))}`,
    '.SH SYNOPSIS',
    ...commands.flatMap((each) => [`.B ${escaped(each.names.join(' '))}`, escaped(each.usage), '.br']),
    '.SH COMMANDS',
    ...commands.flatMap(commandSection),
    '.SH EXIT STATUS',
    ...lists.exitCodes.flatMap(item),
    '.SH ENVIRONMENT',
    ...lists.environment.flatMap(item),
    '',
  ].join('\n');
}

function flatten(pages: readonly CommandPage[]): CommandPage[] {
  return pages.flatMap((page) => (page.commands.length > 0 ? flatten(page.commands) : [page]));
}

function commandSection({ names, usage, description, options, examples }: CommandPage): string[] {
  return [
    `.SS "${escaped(names.join(' '))} ${escaped(usage)}"`,
    escaped(description),
    ...options.flatMap(({ flags, description }) => item([flags, description])),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:', '.PP', '.nf', '.RS']),
    ...examples.flatMap(([line, why]) => [...(why === '' ? [] : [escaped(`# ${why}`)]), escaped(line)]),
    ...(examples.length === 0 ? [] : ['.RE', '.fi']),
  ];
}

function item([name, meaning]: readonly [string, string]): string[] {
  return ['.TP', `.B ${escaped(name)}`, escaped(meaning)];
}

/** A dot or apostrophe at the beginning of a line would be a request; a bare hyphen may become a dash. */
function escaped(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replace(/"/g, '\\(dq');
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
