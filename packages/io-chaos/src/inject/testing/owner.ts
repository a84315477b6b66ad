// A program for tests that arms an injection and then waits to be killed. Arguments: pid, volume.
import type { IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from '../io-injection.js';

const [, , pid, volumePath = ''] = process.argv;
const spec = { action: 'fault', errno: 5, methods: ['write'], percent: 50, volumePath } as unknown;
const injection = await IoInjection.arm({
  spec: spec as IOChaosSpec,
  pid: Number(pid),
  duration: undefined,
  note: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${injection.keeper}\n`);
setInterval(() => injection.count(), 1000);
