// A supervisor program for tests. Each line of its input is a command; it prints each status, and `ready`. Argument: the run
// directory.
import { createInterface } from 'node:readline';
import { type Applied, Supervisor } from '../supervisor.js';

export type HoldingCommand = { readonly apply: Applied } | { readonly remove: true };

const [, , directory = ''] = process.argv;
const supervisor = await Supervisor.open(directory);
supervisor.watch((status) => process.stdout.write(`${JSON.stringify(status)}\n`));
createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line) as HoldingCommand;
  void ('apply' in command ? supervisor.apply('one', command.apply) : supervisor.remove('one'));
});
process.once('SIGTERM', () => {
  process.stdin.destroy();
  void supervisor.close();
});
