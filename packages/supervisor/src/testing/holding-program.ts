// A program for tests that is a supervisor: applies what its second argument says, if anything, and prints each status.
import { type Applied, Supervisor } from '../supervisor.js';

const [, , directory = '', applied = ''] = process.argv;
const supervisor = await Supervisor.open(directory);
supervisor.watch((status) => process.stdout.write(`${JSON.stringify(status)}\n`));
if (applied !== '') await supervisor.apply('one', JSON.parse(applied) as Applied);
process.once('SIGTERM', () => void supervisor.close());
