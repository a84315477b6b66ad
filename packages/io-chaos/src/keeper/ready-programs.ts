import type { ChildProcess } from 'node:child_process';
import { Visitor } from '@ordeal/cover';
import { prepareMover } from '../mover/run-mover.js';
import { FaultServer, type ServerListener } from '../server/fault-server.js';

/**
 * What holding a volume takes, started before the volume is known: it loads side by side, while the owner reads and checks
 * what it wants. Nothing of it outlives this process before it has a task.
 */
export class ReadyPrograms {
  readonly mover: ChildProcess;
  readonly visitor: Visitor;
  readonly #listener: ServerListener;
  #server: FaultServer;

  constructor(listener: ServerListener) {
    this.#listener = listener;
    this.#server = new FaultServer(listener);
    this.mover = prepareMover();
    this.visitor = new Visitor();
  }

  /** Another one if it has died meanwhile. */
  get server(): FaultServer {
    if (this.#server.over) this.#server = new FaultServer(this.#listener);
    return this.#server;
  }

  /** For a keeper that ends without a task. */
  async close(): Promise<void> {
    this.mover.kill('SIGKILL');
    this.#server.kill();
    await this.#server.ended;
  }
}
