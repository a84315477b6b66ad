// Inside the VM under -icount: what one process that holds 1, 10 and 100 experiments at one fault point costs a process
// that is out of their scope, how long each takes to arm, and how much memory it needs. Prints one JSON object.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { armed } from './armed.mjs';

const [, , loop, turns] = process.argv;
const outside = () => Number(execFileSync(loop, [turns], { encoding: 'utf8' }));
const least = () => Math.min(outside(), outside(), outside());

/** Bytes that the kernel keeps for the maps and programs of this process: `memlock` of /proc/PID/fdinfo. */
function kernelMemory() {
  let bytes = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (!/bpf-(map|prog)/.test(readlinkSync(`/proc/self/fd/${fd}`))) continue;
      const [, kept] = /^memlock:\t(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
      if (kept === undefined) throw new Error(`descriptor ${fd} has no memlock`);
      bytes += Number(kept);
    } catch (error) {
      // The descriptor by which the directory was listed.
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return bytes;
}

const base = least();
const rows = [];
for (const mechanism of ['fmod_ret', 'kprobe']) {
  const injections = [];
  for (const count of [1, 10, 100]) {
    const first = injections.length;
    const begun = performance.now();
    while (injections.length < count) {
      const cgroup = `/sys/fs/cgroup/bench-${injections.length}`;
      mkdirSync(cgroup, { recursive: true });
      injections.push(armed(cgroup, mechanism, [], { probability: 0 }));
      await new Promise(setImmediate);
    }
    const milliseconds = (performance.now() - begun) / (count - first);
    rows.push({ mechanism, count, outside: least(), milliseconds, memory: kernelMemory() / count });
  }
  for (const injection of injections) injection.recover();
}
process.stdout.write(`${JSON.stringify({ base, rows })}\n`);
