// Inside the VM: how long it takes, and how much memory, until a fault is armed. Prints one JSON object.
import { mkdirSync, writeFileSync } from 'node:fs';
import { armed, document } from './armed.mjs';
import { startBcc, startOrdeal } from './peer.mjs';

const [, , cli, rounds] = process.argv;
const cgroup = '/sys/fs/cgroup/bench-target';
mkdirSync(cgroup, { recursive: true });
writeFileSync('/tmp/bench.yaml', document);

const bcc = [];
const ordeal = [];
for (let round = 0; round < Number(rounds); round++) {
  for (const [runs, start] of [
    [bcc, startBcc],
    [ordeal, () => startOrdeal(cli, '/tmp/bench.yaml', cgroup)],
  ]) {
    const { milliseconds, memory, stop } = await start();
    runs.push({ milliseconds, memory });
    await stop();
  }
}

// The agent's case: a process that runs already and has armed before.
const warm = [];
for (let turn = 0; turn < 11; turn++) {
  const begun = performance.now();
  const injection = armed(cgroup, 'fmod_ret');
  if (turn > 0) warm.push(performance.now() - begun);
  injection.recover();
}
process.stdout.write(`${JSON.stringify({ bcc, ordeal, warm })}\n`);
