import type { ChildProcess } from 'node:child_process';
import { Visitor } from '@ordeal/cover';
import { prepareMover } from '../mover/run-mover.js';
import { FaultServer } from '../server/fault-server.js';
import { Heartbeat } from './heartbeat.js';

/**
 * What holding volumes takes, started before it is needed: a server for the next volume, a mover for the next move of any
 * volume, and a thread that enters mount namespaces for all of them. Nothing of it outlives this process before it has a task.
 */
export class ReadyPrograms {
  readonly heartbeat = new Heartbeat();
  #visitor = new Visitor();
  #server: FaultServer | undefined;
  #mover: ChildProcess | undefined;
  /** Movers that have a task. */
  readonly #lent = new Set<ChildProcess>();
  #closed = false;

  /** Starts what is needed to take another volume, side by side. */
  prepare(): void {
    if (!this.#server || this.#server.over) this.#server = new FaultServer();
    if (!this.#mover?.connected) this.#mover = prepareMover();
  }

  /** For all volumes. */
  get visitor(): Visitor {
    if (this.#visitor.over) this.#visitor = new Visitor();
    return this.#visitor;
  }

  /** For one volume. */
  takeServer(): FaultServer {
    const server = this.#server;
    this.#server = undefined;
    return server && !server.over ? server : new FaultServer();
  }

  /**
   * Lends a mover to `task`. Afterwards it waits for the next one: a mover that has moved before is several times faster than a
   * new one.
   */
  async withMover<T>(task: (mover: ChildProcess) => Promise<T>): Promise<T> {
    const mover = this.#mover?.connected ? this.#mover : prepareMover();
    this.#mover = undefined;
    this.#lent.add(mover);
    try {
      return await task(mover);
    } finally {
      this.#lent.delete(mover);
      this.#takeBack(mover);
    }
  }

  #takeBack(mover: ChildProcess): void {
    if (this.#closed || this.#mover?.connected) {
      if (mover.connected) mover.disconnect();
    } else if (mover.connected) this.#mover = mover;
    else this.#mover = prepareMover();
  }

  /** Of those that wait, and of the movers. */
  get pids(): number[] {
    return [this.#server, this.#mover, ...this.#lent].flatMap((each) => each?.pid ?? []);
  }

  /** Ends those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#mover?.kill('SIGKILL');
    this.#server?.kill();
    await this.#server?.ended;
  }
}
