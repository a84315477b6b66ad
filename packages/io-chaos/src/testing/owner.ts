// A program for tests that arms an injection and says so: the keeper's process id, and how often processes were stopped to be
// moved. Told anything, or once the faults are lost, it takes it back, tells the counts, and waits to be killed. The run directory
// is that of ORDEAL_RUN. Arguments: pid, volume, and what the specification is to have besides; `days` is its duration.
import { compileGlob, type IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from '../owner/io-injection.js';
import { KeeperProcess } from '../owner/keeper-process.js';

const [, , pid, volumePath = '', more = '{}'] = process.argv;
const { days, path, ...given } = JSON.parse(more);
const glob = path === undefined ? undefined : compileGlob(path);
if (glob && !glob.ok) throw new TypeError(`'${path}' is no pattern`);
const spec = {
  action: 'fault',
  errno: 5,
  methods: ['write'],
  percent: 50,
  volumePath,
  ...given,
  delay: BigInt(given.delay ?? 0),
  path: glob?.value,
};
const keeper = new KeeperProcess(process.env.ORDEAL_RUN ?? '');
const injection = await IoInjection.arm({
  keeper,
  volumePath,
  rules: [{ spec: spec as IOChaosSpec, duration: days && BigInt(days) * 86_400_000_000_000n }],
  pid: Number(pid),
  note: (line) => void process.stderr.write(`${line}\n`),
});
let ending = false;
process.stdin.once('data', () => void end());
process.stdout.write(`${injection.keeper} ${injection.report?.passes}\n`);
setInterval(() => {
  // A run ends what it has lost, too.
  if (injection.lost || injection.deserted) void end();
  else void injection.count();
}, 1000);

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await injection.recover();
  // A second one does no harm, in whatever state the first one left it.
  await injection.recover();
  process.stderr.write(
    [...(injection.lost ? ['ended early'] : []), 'recovered', ...injection.left, ''].join('\n'),
  );
  process.stdout.write(`${JSON.stringify(injection.counts)}\n`);
  await keeper.close();
}
