import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { alignedInterval } from '@ordeal/linux';
import type { KeeperSignal } from '../keeper/keeper-message.js';
import type { KeeperPeer } from '../keeper/keeper-socket.js';
import { ChildChannels } from '../peer-channels.js';
import { RENEWAL } from '../server/lease.js';
import { startProgram } from '../start-program.js';

interface Running {
  readonly child: ChildProcess;
  readonly channels: ChildChannels;
}

/**
 * The process that holds all volumes of this one, and gets the lease of their faults renewed. It is started when it is needed,
 * or before, so that an injection need not wait for it. It does not keep this process from ending, and ends with it once all
 * volumes are restored.
 */
export class KeeperProcess {
  /** Where it keeps its journals and sockets. */
  readonly runDirectory: string;
  #running: Running | undefined;

  constructor(runDirectory: string) {
    this.runDirectory = runDirectory;
  }

  /** Of the one that runs. */
  get pid(): number | undefined {
    return this.#running?.child.connected ? this.#running.child.pid : undefined;
  }

  /** Starts it, unless it runs. It then has all that the next volume takes. */
  prepare(): void {
    if (this.pid === undefined) this.#start();
    else if (this.#running) tell(this.#running.child, 'prepare');
  }

  /** For one more volume. */
  open(): { readonly peer: KeeperPeer; readonly pid: number } {
    const { child, channels } = this.pid === undefined ? this.#start() : (this.#running as Running);
    return { peer: channels.open(), pid: child.pid ?? -1 };
  }

  /**
   * Ends it once its volumes are restored, which their owners ask for; waits for that where it holds none. Idempotent.
   */
  async close(): Promise<void> {
    const { child, channels } = this.#running ?? {};
    this.#running = undefined;
    if (!child?.connected) return;
    if (!channels?.idle) return child.disconnect();
    child.ref();
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }

  #start(): Running {
    const child = startProgram('keeper', [this.runDirectory]);
    const channels = new ChildChannels(child);
    this.#running = { child, channels };
    const stopRenewal = alignedInterval(RENEWAL, () => {
      if (!child.connected) stopRenewal();
      else if (!channels.idle) tell(child, 'renew');
    });
    return this.#running;
  }
}

function tell(child: ChildProcess, signal: KeeperSignal): void {
  child.send(signal, () => undefined);
}
