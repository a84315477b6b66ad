import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';

const PROGRAM = join(root, 'packages/controller/bin/ordeal-controller.mjs');
/** Ticks of /proc/PID/stat in a second (USER_HZ), on every Linux that Node runs on. */
const TICKS = 100;

/** The controller as a process of its own, to be measured. */
export class ControllerProcess {
  #child;

  constructor(kubeconfig, namespace) {
    const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, '--lease-namespace', namespace];
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore' });
  }

  /** Since its start, in MiB. */
  get peakMiB() {
    return this.#status('VmHWM');
  }

  get residentMiB() {
    return this.#status('VmRSS');
  }

  /** User and system time so far, in seconds. */
  get cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }

  #status(field) {
    const [, kib] =
      new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ??
      [];
    return Math.round(Number(kib) / 1024);
  }
}
