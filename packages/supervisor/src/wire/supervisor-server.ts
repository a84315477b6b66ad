import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { OrdealError } from '@ordeal/diagnostics';
import type { DetachedRuns } from '../runs/detached-runs.js';
import type { RunStatus } from '../runs/run-status.js';
import { JsonLines } from './json-lines.js';
import { errorToWire, type Hello, PROTOCOL, type Reply, type Request, requestOf } from './protocol.js';

/** Bytes that a client may leave unread before it is disconnected. */
const UNREAD = 8 * 1024 * 1024;

/** Answers any number of clients on a Unix socket. A client that dies or hangs does not affect the others. */
export class SupervisorServer {
  readonly #runs: DetachedRuns;
  readonly #server: Server;
  readonly #path: string;
  readonly #clients = new Set<Socket>();

  /**
   * Listens on a socket that only root can connect to.
   *
   * @param path of the socket, in a directory that only root can access; an existing socket there belongs to a dead
   * process and is removed
   */
  static async listen(runs: DetachedRuns, path: string): Promise<SupervisorServer> {
    rmSync(path, { force: true });
    const server = new SupervisorServer(runs, path);
    server.#server.listen(path);
    await once(server.#server, 'listening');
    chmodSync(path, 0o600);
    return server;
  }

  private constructor(runs: DetachedRuns, path: string) {
    this.#runs = runs;
    this.#path = path;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Whether a client is connected: on a slow machine it may take a while to send its request. */
  get busy(): boolean {
    return this.#clients.size > 0;
  }

  /** Accepts no more requests, and disconnects all clients. */
  close(): void {
    // The name goes first: a client that comes later finds no socket and starts the next supervisor.
    rmSync(this.#path, { force: true });
    this.#server.close();
    for (const client of this.#clients) client.destroy();
  }

  #serve(socket: Socket): void {
    const lines = new JsonLines();
    this.#clients.add(socket);
    // One client may watch many runs.
    socket.setMaxListeners(0);
    socket.setEncoding('utf8');
    // What follows an error is 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(socket));
    const hello: Hello = { ordeal: 'supervisor', protocol: PROTOCOL, pid: process.pid };
    socket.write(`${JSON.stringify(hello)}\n`);
    socket.on('data', (chunk: string) => {
      try {
        for (const line of lines.push(chunk)) void this.#answer(socket, line);
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        const refusal = new OrdealError('ORD-860', `The request is not a line of JSON: ${cause}`);
        socket.end(`${JSON.stringify({ id: null, error: errorToWire(refusal) } satisfies Reply)}\n`);
      }
    });
  }

  async #answer(socket: Socket, line: unknown): Promise<void> {
    const { id } = (line ?? {}) as { readonly id?: unknown };
    const known = typeof id === 'number' ? id : null;
    const send = (reply: Omit<Reply, 'id'>) => sendTo(socket, { id: known, ...reply });
    try {
      send({ answer: await this.#carryOut(requestOf(line), socket, send) });
    } catch (error) {
      send({ error: errorToWire(error) });
    }
  }

  async #carryOut(
    request: Request,
    socket: Socket,
    send: (reply: Omit<Reply, 'id'>) => void,
  ): Promise<unknown> {
    switch (request.request) {
      case 'list':
        return this.#runs.list();
      case 'histories':
        return this.#runs.listWithHistory();
      case 'start':
        return this.#runs.start(request.spec);
      case 'pause':
        return this.#runs.pause(request.name, true);
      case 'resume':
        return this.#runs.pause(request.name, false);
      case 'stop':
        return this.#runs.stop(request.name);
      case 'log':
        return this.#runs.log(request.name);
      case 'watch':
        return this.#watch(request.name, socket, send);
    }
  }

  /** Until the run or the client ends. */
  #watch(name: string, socket: Socket, send: (reply: Omit<Reply, 'id'>) => void): Promise<RunStatus> {
    return new Promise((resolve, reject) => {
      let last: RunStatus | undefined;
      let unwatch = () => {};
      const finish = () => {
        unwatch();
        socket.off('close', finish);
        if (last) resolve(last);
      };
      try {
        unwatch = this.#runs.watch(name, (news) => {
          send({ news });
          if (news.type !== 'status') return;
          last = news.run;
          // After the watch has begun.
          if (news.run.state === 'ended') setImmediate(finish);
        });
        socket.on('close', finish);
      } catch (error) {
        reject(error);
      }
    });
  }
}

function sendTo(socket: Socket, reply: Reply): void {
  if (socket.destroyed) return;
  socket.write(`${JSON.stringify(reply)}\n`);
  if (socket.writableLength > UNREAD) socket.destroy();
}
