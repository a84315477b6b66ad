// Inside the VM: starting, watching and stopping the peer and our own CLI.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The bcc tool that fails slab allocations, asked to fail none: what it costs to have it armed. */
export const BCC = ['inject-bpfcc', 'kmalloc', '-c', '0', '(true)'];

/** Longest that a start may take, milliseconds. */
const LIMIT = 300_000;

/** Highest memory use of a process so far, MiB. */
export function peakMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024;
}

/**
 * Starts the peer and waits until its probe is there.
 * @returns {{ milliseconds: number, memory: number, stop: () => Promise<void> }}
 */
export async function startBcc() {
  const begun = performance.now();
  const child = spawn(BCC[0], BCC.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  while (!/should_failslab/.test(readFileSync('/sys/kernel/debug/kprobes/list', 'utf8'))) {
    if (child.exitCode !== null) throw new Error(`${BCC.join(' ')} ended with ${child.exitCode}`);
    if (performance.now() - begun > LIMIT) throw new Error(`${BCC.join(' ')} was not armed in time`);
    await sleep(20);
  }
  return {
    milliseconds: performance.now() - begun,
    memory: peakMemory(child.pid),
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Starts the CLI on a document and waits for its `armed` event.
 *
 * @param {string} cli path of the ordeal command
 * @param {string} document path of the experiment
 * @param {string} cgroup its target
 */
export async function startOrdeal(cli, document, cgroup) {
  const begun = performance.now();
  const child = spawn(process.execPath, [cli, 'run', document, '--cgroup', cgroup, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let output = '';
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (/"type":"armed"/.test(output)) resolve();
    });
    ended.then(() => reject(new Error(`ordeal ended before it was armed:\n${output}`)));
  });
  return {
    milliseconds: performance.now() - begun,
    memory: peakMemory(child.pid),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
