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
