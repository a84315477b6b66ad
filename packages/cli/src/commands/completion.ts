import { OrdealError } from '@ordeal/diagnostics';
import type { CommandPage } from '../command-page.js';
import { EXIT } from '../exit-code.js';
import { renderCompletion, SHELLS, type Shell } from '../render/completion.js';
import type { CommandContext } from './context.js';

/** Prints the script that makes a shell complete `ordeal`. */
export function completion(shell: string, page: CommandPage, { output }: CommandContext): number {
  if (!isShell(shell))
    throw new OrdealError('ORD-901', `There is no completion for '${shell}'`, {
      hint: `Use one of ${SHELLS.join(', ')}.`,
    });
  output.out.write(renderCompletion(page, shell));
  return EXIT.ok;
}

function isShell(shell: string): shell is Shell {
  return SHELLS.some((known) => known === shell);
}
