import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FaultsError } from './faults-error.js';
import type { RunLine } from './run-events.js';
import { RunState } from './run-state.js';

/** The path of a file with documents; or one or more documents as they stand in such a file. */
export type Documents = string | URL | object | readonly object[];

const ORDEAL = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));

/**
 * `ordeal run` in a process of its own, so that its target can be stopped and moved. It outlives neither its target, nor
 * this process, which reads its lines, nor the duration of its documents.
 */
export class RunProcess {
  readonly state = new RunState();
  readonly #child: ChildProcess;
  readonly #started: Promise<void>;
  readonly #ended: Promise<void>;
  #errors = '';

  /** @param flags of `ordeal run`, without those for the output */
  constructor(documents: Documents, flags: readonly string[]) {
    const { argument, text } = inputOf(documents);
    const child = spawn(process.execPath, [ORDEAL, 'run', '--json', ...flags, argument]);
    this.#child = child;
    // The run may end before it has read its documents.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
    child.stderr.setEncoding('utf8').on('data', (words: string) => {
      this.#errors += words;
    });
    const lines = createInterface({ input: child.stdout });
    this.#started = new Promise((resolve) => {
      lines.on('line', (line) => {
        this.state.hear(JSON.parse(line) as RunLine);
        if (this.state.started) resolve();
      });
    });
    this.#ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(() => undefined);
  }

  /** Resolves when the faults are armed. @throws FaultsError if they cannot be */
  async started(): Promise<void> {
    await Promise.race([this.#started, this.#ended]);
    if (!this.state.started || this.state.failure) throw this.#failure();
    this.#hold(false);
  }

  /** Lifts the faults, and resolves when nothing is left of them. @throws FaultsError if they had ended before */
  async lift(): Promise<void> {
    this.#hold(true);
    this.#child.kill('SIGINT');
    await this.#ended;
    if (this.state.failure || !this.state.ended) throw this.#failure();
  }

  /** Whether this process stays for the run. One that forgets its faults ends all the same, and the run after it. */
  #hold(held: boolean): void {
    const { stdout, stderr } = this.#child;
    for (const each of [this.#child, stdout as Socket, stderr as Socket]) {
      if (held) each.ref();
      else each.unref();
    }
  }

  #failure(): FaultsError {
    return (
      this.state.failure ?? new FaultsError(this.#errors.trim() || 'ordeal run has ended and gave no reason')
    );
  }
}

/** The argument that names the documents, and what standard input holds. JSON is YAML. */
function inputOf(documents: Documents): { readonly argument: string; readonly text: string } {
  if (documents instanceof URL) return { argument: fileURLToPath(documents), text: '' };
  if (typeof documents === 'string') return { argument: documents, text: '' };
  const all: readonly object[] = Array.isArray(documents) ? documents : [documents];
  return { argument: '-', text: all.map((each) => JSON.stringify(each, null, 2)).join('\n---\n') };
}
