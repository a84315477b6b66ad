// A program for tests that arms an injection and says so: the keeper's process id, and how often processes were stopped
// to
// be moved. Told anything, it takes it back and tells the counts. It waits to be killed.
// Arguments: pid, volume, and what the specification is to have besides; `days` is its duration.
import { compileGlob, type IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from '../owner/io-injection.js';

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
const injection = await IoInjection.arm({
  volumePath,
  rules: [{ spec: spec as IOChaosSpec, duration: days && BigInt(days) * 86_400_000_000_000n }],
  pid: Number(pid),
  note: (line) => void process.stderr.write(`${line}\n`),
});
process.stdin.once('data', async () => {
  await injection.recover();
  // A second one does no harm, in whatever state the first one left it.
  await injection.recover();
  process.stderr.write(
    [...(injection.lost ? ['ended early'] : []), 'recovered', ...injection.left, ''].join('\n'),
  );
  process.stdout.write(`${JSON.stringify(injection.counts)}\n`);
});
process.stdout.write(`${injection.keeper} ${injection.report?.passes}\n`);
setInterval(() => void injection.count(), 1000);
