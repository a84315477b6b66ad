import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendSignal } from '@ordeal/linux';
import { Target } from '../testing/target.js';
import { ended } from '../testing/workload.js';
import { compareSoak } from './compare.js';

const SOURCE = fileURLToPath(new URL('../../fixtures/soak-writer.c', import.meta.url));

/** `fixtures/soak-writer.c` at work: it writes in every way, and takes down outside the volume what it was told. */
export class SoakTarget extends Target {
  #ended = false;

  /** Compiles the program into a directory. @returns its path */
  static compile(directory: string): string {
    const program = join(directory, 'soak-writer');
    execFileSync('gcc', ['-O1', '-pthread', '-o', program, SOURCE]);
    return program;
  }

  constructor(program: string) {
    super((target) => {
      mkdirSync(target.path('told'));
      return [program, target.volume, target.path('told')];
    });
  }

  /** Lets every call that is on its way be finished, and compares. @returns what is wrong, a line each */
  async finish(): Promise<string[]> {
    sendSignal(this.pid, 'SIGTERM');
    await ended(this.pid, 'the writer');
    this.#ended = true;
    return compareSoak(this.volume, this.path('told'));
  }

  /** @returns what is still of a file system of Ordeal, a line each */
  strays(): string[] {
    const { dev } = statSync(this.volume);
    const strays = ['fd', 'map_files'].flatMap((kind) => {
      const links = `/proc/${this.pid}/${kind}`;
      return readdirSync(links)
        .filter((name) =>
          /\/(append|same|place|direct|ring|mapped)( |$)/.test(readlinkSync(join(links, name))),
        )
        .filter((name) => !readlinkSync(join(links, name)).includes('/told/'))
        .filter((name) => statSync(join(links, name)).dev !== dev)
        .map((name) => `${kind} ${name} is ${readlinkSync(join(links, name))} of another file system`);
    });
    return this.covered ? ['the volume is still covered', ...strays] : strays;
  }

  override close(): void {
    if (this.#ended) rmSync(this.directory, { recursive: true, force: true });
    else super.close();
  }

  /** Ends it, and leaves its files to be looked at. */
  abandon(): void {
    if (!this.#ended) sendSignal(this.pid, 'SIGKILL');
    this.#ended = true;
  }
}
