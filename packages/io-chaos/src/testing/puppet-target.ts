import { join } from 'node:path';
import { FIXTURES, Puppet } from '@ordeal/move/testing';
import { Target } from './target.js';

const PROGRAM = join(FIXTURES, 'puppet.py');

/** A Python process that runs the given statements. `volume` is a variable of it. */
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
