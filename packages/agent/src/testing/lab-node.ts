import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testKubeconfig } from '@ordeal/kube/testing';
import { containerConfig, type PodContainerConfig } from './container-config.js';

const PROGRAM = fileURLToPath(new URL('../../../../scripts/cluster/serve-lab-node.mjs', import.meta.url));
/** Timeout in milliseconds, for a loaded machine without a built kernel. */
const PATIENCE = 15 * 60_000;
/** This machine, as the VM calls it. */
const HOST = '10.0.2.2';
/** A name for which the API server's certificate is valid. */
const SERVER_NAME = 'kubernetes.default.svc';

/** What runs in each of its containers. */
export interface LabContainer extends Pick<PodContainerConfig, 'pod' | 'container'> {
  /** With runc, or with crun as CRI-O does. */
  readonly engine: 'containerd' | 'CRI-O';
}

/**
 * A node in the lab VM, whose kernel can inject and has cgroup v2 only: containers, and an agent of the test's API server.
 * The owner closes it.
 */
export class LabNode {
  readonly #directory = mkdtempSync(join(tmpdir(), 'ordeal-lab-node-'));
  readonly #lines = new EventEmitter();
  readonly #last: string[] = [];
  readonly #child: ChildProcess;

  /** @param program a shell script for busybox; each line that it prints begins with its pod's name */
  constructor(name: string, containers: readonly LabContainer[], program: (pod: string) => string) {
    const rootfs = join(this.#directory, 'rootfs');
    for (const each of ['bin', 'proc', 'dev']) mkdirSync(join(rootfs, each), { recursive: true });
    copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'));
    for (const { pod, container, engine } of containers) {
      const bundle = join(this.#directory, engine === 'CRI-O' ? 'crun' : engine, pod.uid);
      mkdirSync(bundle, { recursive: true });
      const options = { pod, container, engine, id: pod.uid, rootfs, program: program(pod.name), mounts: [] };
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(containerConfig(options)));
    }
    writeFileSync(join(this.#directory, 'kubeconfig'), kubeconfigInside());
    this.#child = spawn(process.execPath, [PROGRAM, name, this.#directory], { stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
    // Whoever waits for a line gets the error; nobody else has to.
    this.#lines.on('error', () => {});
    this.#child.once('close', () => this.#lines.emit('error', new Error('the VM has ended')));
  }

  /** Waits for a number of new lines of a pod. @throws Error after a quarter of an hour */
  async says(pod: string, wanted: string, times = 1): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      for (let count = 0; count < times; ) {
        if (this.#isOver) throw new Error('the VM has ended');
        const [line] = await once(this.#lines, 'line', { signal });
        if (line === `${pod} ${wanted}`) count++;
      }
    } catch (cause) {
      throw new Error(`${pod} never says '${wanted}', but:\n${this.#last.join('\n')}`, { cause });
    }
  }

  async close(): Promise<void> {
    if (!this.#isOver) {
      this.#child.stdin?.end();
      await once(this.#child, 'exit');
    }
    rmSync(this.#directory, { recursive: true });
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #hear(line: string): void {
    this.#last.push(line);
    if (this.#last.length > 30) this.#last.shift();
    this.#lines.emit('line', line);
  }
}

/** The kubeconfig of the tests, as it works in the VM. */
function kubeconfigInside(): string {
  const config = JSON.parse(readFileSync(testKubeconfig(), 'utf8'));
  const { cluster } = config.clusters[0];
  const { port } = new URL(cluster.server);
  config.clusters[0].cluster = {
    ...cluster,
    server: `https://${HOST}:${port}`,
    'tls-server-name': SERVER_NAME,
  };
  return JSON.stringify(config);
}
