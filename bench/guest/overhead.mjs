// Inside the VM under -icount, where the clock counts instructions: what an armed fault costs a process that is out of
// its scope. Prints one JSON object with nanoseconds (instructions x 2^shift) a turn of pipe-loop.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { armed } from './armed.mjs';
import { startBcc } from './peer.mjs';

const [, , loop, turns] = process.argv;
const cgroup = '/sys/fs/cgroup/bench-target';
mkdirSync(cgroup, { recursive: true });

// The least of a few runs: interrupts and background work only ever add.
const measure = () =>
  Math.min(...[1, 2, 3].map(() => Number(execFileSync(loop, [turns], { encoding: 'utf8' }))));
const result = { base: measure() };
for (const mechanism of ['fmod_ret', 'kprobe']) {
  const injection = armed(cgroup, mechanism);
  result[mechanism] = measure();
  injection.recover();
}
const bcc = await startBcc();
result.bcc = measure();
await bcc.stop();
result.baseAgain = measure();
process.stdout.write(`${JSON.stringify(result)}\n`);
