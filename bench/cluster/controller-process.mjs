import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { cpuSeconds, peakMiB, residentMiB } from './process-cost.mjs';

const PROGRAM = join(root, 'packages/controller/bin/ordeal-controller.mjs');

/** The controller as a process of its own, to be measured. */
export class ControllerProcess {
  #child;

  constructor(kubeconfig, namespace) {
    const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, '--lease-namespace', namespace];
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore' });
  }

  /** Since its start, in MiB. */
  get peakMiB() {
    return peakMiB(this.#child.pid);
  }

  get residentMiB() {
    return residentMiB(this.#child.pid);
  }

  /** User and system time so far, in seconds. */
  get cpuSeconds() {
    return cpuSeconds(this.#child.pid);
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}
