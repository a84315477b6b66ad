import { flagWords } from '../flags/flag-words.js';
import { shellWords } from './shell-words.js';

/** The command line that repeats a run. Pure. @param lead its first words, `sudo ordeal run` */
export function repeatLine(
  lead: readonly string[],
  files: readonly string[],
  flags: object,
  command: readonly string[] | undefined,
): string {
  return shellWords([...lead, ...files, ...flagWords(flags), ...(command ? ['--', ...command] : [])]);
}
