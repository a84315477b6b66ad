import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '../client.js';
import { connect } from '../connect.js';
import { testKubeconfig } from './test-cluster.js';

/** A relay between a client and the API server, which can fail as networks do. */
export interface Relay {
  readonly client: KubeClient;
  /** Ends all connections; new ones work. */
  cut(): void;
  /** From now on nothing gets through in either direction, without any error. */
  stall(): void;
  /** What was sent meanwhile gets through, and so does everything after it. */
  goOn(): void;
  close(): void;
}

/** Starts a relay to the API server that the cluster tests run against. The caller closes it. */
export async function startRelay(): Promise<Relay> {
  const config = JSON.parse(readFileSync(testKubeconfig(), 'utf8'));
  const target = new URL(config.clusters[0].cluster.server);
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((near) => {
    const far = dial(Number(target.port), target.hostname);
    for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => other.write(chunk));
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      if (stalled) socket.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  config.clusters[0].cluster.server = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-relay-'));
  writeFileSync(join(directory, 'config'), JSON.stringify(config));
  const client = await connect({ files: [join(directory, 'config')] });
  rmSync(directory, { recursive: true });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    client,
    cut,
    stall() {
      stalled = true;
      for (const socket of sockets) socket.pause();
    },
    goOn() {
      stalled = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      client.close();
      cut();
      server.close();
    },
  };
}
