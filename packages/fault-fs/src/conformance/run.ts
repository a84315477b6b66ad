// Runs cases below a directory and prints a JSON object: name to observation, or to what went wrong in the case itself.
// Arguments: the directory, the program of compilePosixProgram, and a regular expression for names. A process of its
// own, because a file system that is being tested may hang.
import { mkdirSync } from 'node:fs';
import { CannotRun, conformanceCases } from './index.js';

const [directory = '.', program = '', pattern = ''] = process.argv.slice(2);
process.umask(0o022);
const observations: { [name: string]: unknown } = {};
for (const [index, each] of conformanceCases(program).entries()) {
  if (!new RegExp(pattern).test(each.name)) continue;
  const place = `${directory}/case-${index}`;
  mkdirSync(place);
  try {
    observations[each.name] = each.run(place);
  } catch (error) {
    observations[each.name] =
      error instanceof CannotRun
        ? { cannot: error.message }
        : { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
process.stdout.write(JSON.stringify(observations));
