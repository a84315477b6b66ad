// A program for tests that arms an injection and then waits to be killed. Arguments: pid, volume.
import type { IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from '../io-injection.js';

const [, , pid, volumePath = ''] = process.argv;
const spec = { action: 'fault', errno: 5, methods: ['write'], percent: 50, volumePath } as unknown;
const injection = await IoInjection.arm({
  volumePath,
  rules: [{ spec: spec as IOChaosSpec, duration: undefined }],
  pid: Number(pid),
  note: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${injection.keeper}\n`);
setInterval(() => void injection.count(), 1000);
