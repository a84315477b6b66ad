import { fileURLToPath } from 'node:url';
import { Puppet } from '../../move/testing.js';
import { Target } from './target.js';

const PROGRAM = fileURLToPath(new URL('../../../fixtures/puppet.py', import.meta.url));

/** A Python process that runs what it is told. `volume` is a variable of it. */
export class PuppetTarget extends Target {
  #puppet: Puppet | undefined;

  constructor() {
    super((target) => ['python3', PROGRAM, target.path('socket')]);
  }

  /** Runs Python statements; the answer is what they assign to `result`. */
  async run(code: string): Promise<unknown> {
    this.#puppet ??= await Puppet.connect(this.pid, this.path('socket'));
    return this.#puppet.run(`volume = ${JSON.stringify(this.volume)}\n${code}`);
  }

  override close(): void {
    this.#puppet?.close();
    super.close();
  }
}
