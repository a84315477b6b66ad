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

  /** Starts what is needed to take another volume, side by side. */
  prepare(): void {
    if (!this.#server || this.#server.over) this.#server = new FaultServer();
    this.#prepareMover();
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

  /** For one move, or a plan and a move. The next one starts meanwhile: the users of a dead server wait for it. */
  takeMover(): ChildProcess {
    this.#prepareMover();
    const mover = this.#mover as ChildProcess;
    this.#mover = undefined;
    this.#prepareMover();
    return mover;
  }

  /** Of those that wait. */
  get pids(): number[] {
    return [this.#server?.pid, this.#mover?.pid].filter((pid) => pid !== undefined);
  }

  /** Ends those that wait. */
  async close(): Promise<void> {
    this.#mover?.kill('SIGKILL');
    this.#server?.kill();
    await this.#server?.ended;
  }

  #prepareMover(): void {
    if (!this.#mover?.connected) this.#mover = prepareMover();
  }
}
