// A supervisor program for tests: applies its second argument, if any, and prints each status.
import { type Applied, Supervisor } from '../supervisor.js';

const [, , directory = '', applied = ''] = process.argv;
const supervisor = await Supervisor.open(directory);
supervisor.watch((status) => process.stdout.write(`${JSON.stringify(status)}\n`));
if (applied !== '') await supervisor.apply('one', JSON.parse(applied) as Applied);
process.once('SIGTERM', () => void supervisor.close());
