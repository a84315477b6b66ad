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
  /** When the last line was written. */
  #until = '';
  #child: ChildProcess | undefined;
  #closed = false;

  constructor(namespace: string, deployment: string) {
    const words = ['logs', '--follow', '--timestamps', '--namespace', namespace, `deployment/${deployment}`];
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
    // What a container has written before it was followed counts, too; `--since-time` knows only whole seconds.
    const since = this.#until === '' ? '--tail=1' : `--since-time=${this.#until}`;
    const child = spawn(kubectl, [...this.#words, since], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (stamped) => this.#hear(stamped));
    createInterface({ input: child.stderr }).on('line', (line) => this.#keep(line));
    child.once('close', () => setTimeout(() => this.#follow(), PAUSE));
  }

  #hear(stamped: string): void {
    const [stamp = ''] = stamped.split(' ', 1);
    if (this.#until !== '' && sortable(stamp) <= sortable(this.#until)) return;
    this.#until = stamp;
    const line = stamped.slice(stamp.length + 1);
    this.#keep(line);
    this.#events.emit('line', line);
  }

  #keep(line: string): void {
    this.#last.push(line);
    if (this.#last.length > 20) this.#last.shift();
  }
}

/** A time of RFC 3339, whose fraction has no trailing zeros, as a text that is sorted by time. */
function sortable(stamp: string): string {
  const [seconds = '', fraction = ''] = stamp.replace('Z', '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
