import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startProgram } from '../start-program.js';

/** A keeper that runs already and holds nothing yet, so that an injection need not wait for its start. */
export class SpareKeeper {
  #keeper: ChildProcess | undefined;

  /** Of the one that runs. */
  get pid(): number | undefined {
    return this.#keeper?.connected ? this.#keeper.pid : undefined;
  }

  /** Starts one, unless there is one. It does not keep this process from ending, and ends with it. */
  prepare(): void {
    if (this.#keeper?.connected) return;
    const keeper = startProgram('keeper');
    keeper.on('error', () => undefined);
    keeper.unref();
    keeper.channel?.unref();
    this.#keeper = keeper;
  }

  /** The one that runs, which is the caller's from now on; undefined if there is none. */
  take(): ChildProcess | undefined {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    if (!keeper?.connected) return undefined;
    keeper.ref();
    keeper.channel?.ref();
    return keeper;
  }

  /** Ends it, and waits for that. Idempotent. */
  async close(): Promise<void> {
    const keeper = this.take();
    if (!keeper || keeper.exitCode !== null || keeper.signalCode !== null) return;
    const ended = once(keeper, 'exit');
    keeper.disconnect();
    await ended;
  }
}
