import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testKubeconfig } from '@ordeal/kube/testing';

/** Timeout in milliseconds, for a loaded machine. */
const PATIENCE = 5 * 60_000;
/** Milliseconds between two attempts to follow a container that does not run. */
const PAUSE = 200;

/** The output of a Deployment's pod, line by line, also after its container was restarted. The owner closes it. */
export class PodOutput {
  readonly #words: readonly string[];
  readonly #events = new EventEmitter();
  readonly #last: string[] = [];
  #child: ChildProcess | undefined;
  #closed = false;

  constructor(namespace: string, deployment: string) {
    const words = ['logs', '--follow', '--tail=1', '--namespace', namespace, `deployment/${deployment}`];
    this.#words = ['--kubeconfig', testKubeconfig(), ...words];
    this.#follow();
  }

  /** Waits for a number of new lines with this text. @throws Error after five minutes */
  async says(wanted: string, times = 1): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      for (let count = 0; count < times; ) {
        const [line] = await once(this.#events, 'line', { signal });
        if (line === wanted) count++;
      }
    } catch (cause) {
      throw new Error(`the pod never says '${wanted}', but:\n${this.#last.join('\n')}`, { cause });
    }
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill();
  }

  #follow(): void {
    if (this.#closed) return;
    const kubectl = join(process.env.ORDEAL_TEST_KUBE_BINARIES ?? '', 'kubectl');
    const child = spawn(kubectl, this.#words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.#last.push(line);
        if (this.#last.length > 20) this.#last.shift();
        this.#events.emit('line', line);
      });
    }
    child.once('close', () => setTimeout(() => this.#follow(), PAUSE));
  }
}
