// Holds one injection: arms the rules given as JSON, says who serves, and recovers when its input ends.
import { readFileSync } from 'node:fs';
import { IoInjection, KeeperProcess } from '@ordeal/io-chaos';

const { specs } = JSON.parse(process.argv[2] ?? '{}');
const note = (line) => process.stderr.write(`ordeal: ${line}\n`);
const keeper = new KeeperProcess(process.env.ORDEAL_RUN);
const injection = await IoInjection.arm({
  keeper,
  volumePath: specs[0].volumePath,
  rules: specs.map((spec) => ({ spec, duration: undefined })),
  pid: undefined,
  note,
});
const [server] = readFileSync(`/proc/${injection.keeper}/task/${injection.keeper}/children`, 'utf8').split(
  ' ',
);
const moved = injection.report?.processes ?? [];
process.stdout.write(
  `${JSON.stringify({ server: Number(server), stops: moved.flatMap(({ stopsMs }) => stopsMs) })}\n`,
);
process.stdin.resume();
process.stdin.once('end', async () => {
  await injection.recover();
  if (injection.left.length > 0) note(injection.left.join('; '));
  process.exit(0);
});
