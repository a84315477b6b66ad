import { chmodSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { DeadlineTimer } from '@ordeal/linux';
import { journalDirectory } from '../journal/journal-file.js';
import { type Peer, socketPeer } from '../peer.js';
import type { KeeperAnswer, KeeperCommand, KeeperNews } from './keeper-message.js';

/** Of the messages on the socket: other versions of Ordeal may hold a volume. */
const PROTOCOL = 3;

/** Milliseconds in which a live keeper sends its greeting. */
const GREETING = 5_000;

export type OwnerPeer = Peer<KeeperCommand, KeeperAnswer | KeeperNews>;
export type KeeperPeer = Peer<KeeperAnswer | KeeperNews, KeeperCommand>;

/** Accepts further owners of an injection, of the same user only. Each gets a greeting first. */
export function listenForOwners(
  runDirectory: string,
  id: string,
  accept: (owner: OwnerPeer) => void,
): Server {
  const path = pathOf(runDirectory, id);
  const server = createServer((socket) => {
    const owner: OwnerPeer = socketPeer(socket);
    owner.tell({ kind: 'greeting', protocol: PROTOCOL, pid: process.pid });
    accept(owner);
  });
  // The directory is accessible to the same user only, too.
  server.listen(path, () => chmodSync(path, 0o600));
  return server.unref();
}

/** A keeper that another process has started. */
export interface ReachedKeeper {
  readonly peer: KeeperPeer;
  readonly pid: number;
}

/**
 * Connects to the keeper of an injection.
 *
 * @param path of the volume, for the error
 * @returns `undefined` if no process listens, or answers in time
 * @throws OrdealError ORD-711 if it is of another version of Ordeal
 */
export async function reachKeeper(
  runDirectory: string,
  id: string,
  path: string,
): Promise<ReachedKeeper | undefined> {
  const socket = await connected(pathOf(runDirectory, id));
  if (!socket) return undefined;
  const peer: KeeperPeer = socketPeer(socket);
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      peer.close();
      resolve(undefined);
    };
    const limit = DeadlineTimer.after(GREETING, giveUp);
    peer.listen((news) => {
      if (news.kind !== 'greeting') return;
      limit.clear();
      if (news.protocol === PROTOCOL) return resolve({ peer, pid: news.pid });
      peer.close();
      reject(new OrdealError('ORD-711', `${path} is under an I/O experiment of another version of Ordeal`));
    }, giveUp);
  });
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

function pathOf(runDirectory: string, id: string): string {
  return join(journalDirectory(runDirectory), `${id}.sock`);
}
