import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { FrameReader, frameOf } from './message-frames.js';

/** The other end of a connection between an owner and a keeper. */
export interface Peer<Heard, Told> {
  /** Whether it is connected, as far as known without waiting. */
  readonly open: boolean;
  /** Does nothing if it is gone. */
  tell(message: Told): void;
  /** Receives messages, and once the end. With a socket, the receiver may change later. */
  listen(hear: (message: Heard) => void, ended: () => void): void;
  /** Resolves when all messages have been sent, or cannot be. */
  flush(): Promise<void>;
  close(): void;
}

/** A program that this process has started with an IPC channel. */
export function childPeer<Heard, Told>(child: ChildProcess): Peer<Heard, Told> {
  return {
    get open() {
      return child.connected;
    },
    tell: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    listen: (hear, ended) => {
      child.on('message', (message) => hear(message as Heard));
      child.once('error', ended);
      child.once('exit', ended);
    },
    flush: () => Promise.resolve(),
    close: () => {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}

/** The process that has started this one with an IPC channel. */
export function parentPeer<Heard, Told>(): Peer<Heard, Told> {
  const parent = process.ppid;
  let sent = Promise.resolve();
  return {
    // The event for a dead parent may come many steps later.
    get open() {
      return process.connected && process.ppid === parent;
    },
    tell: (message) => {
      if (!process.connected) return;
      sent = new Promise((resolve) => process.send?.(message, () => resolve()));
    },
    listen: (hear, ended) => {
      process.on('message', (message) => hear(message as Heard));
      process.once('disconnect', ended);
      // It may have died before the listener was added.
      if (!process.connected) ended();
    },
    flush: () => sent,
    close: () => {
      if (process.connected) process.disconnect();
    },
  };
}

export function socketPeer<Heard, Told>(socket: Socket): Peer<Heard, Told> {
  const frames = new FrameReader();
  let hear: (message: Heard) => void = () => undefined;
  let ended: () => void = () => undefined;
  socket.on('error', () => socket.destroy());
  socket.once('close', () => ended());
  return {
    get open() {
      return socket.writable;
    },
    tell: (message) => {
      if (socket.writable) socket.write(frameOf(message));
    },
    listen: (onMessage, onEnd) => {
      const first = socket.listenerCount('data') === 0;
      hear = onMessage;
      ended = onEnd;
      if (!first) return;
      socket.on('data', (chunk) => {
        try {
          for (const message of frames.read(chunk)) hear(message as Heard);
        } catch {
          // Any other format is not from Ordeal.
          socket.destroy();
        }
      });
    },
    flush: () => new Promise((resolve) => (socket.writable ? socket.end(resolve) : resolve())),
    close: () => socket.destroy(),
  };
}
