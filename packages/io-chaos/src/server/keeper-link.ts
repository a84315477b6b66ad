import { EPOLLIN, EPOLLOUT, Epoll, SYS, trySyscall } from '@ordeal/linux';
import { FrameReader, frameOf } from '../message-frames.js';

/** The descriptor at which a server finds the socket of its keeper: see `startProgram`. */
const NUMBER = 3;
/** include/linux/socket.h */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const CHUNK = 65_536;

/**
 * The server's end of the socket to its keeper. It is read and written by hand, without ever waiting for the keeper: the event
 * loop of the thread does not run while it serves.
 */
export class KeeperLink<Heard, Told> {
  readonly #socket: number;
  readonly #ready = new Epoll();
  readonly #frames = new FrameReader();
  readonly #chunk = new Uint8Array(CHUNK);
  #unsent: Buffer = Buffer.alloc(0);
  #full = false;
  #open = true;

  /** @param socket which is not closed */
  constructor(socket = NUMBER) {
    this.#socket = socket;
    this.#ready.watch(socket, EPOLLIN);
  }

  /**
   * A descriptor that is readable when there is something for {@link read}: messages, the end of the keeper, or room for what
   * could not be sent before.
   */
  get number(): number {
    return this.#ready.fd.number;
  }

  /** Whether the keeper was there at the last {@link read}. */
  get open(): boolean {
    return this.#open;
  }

  /** Waits until there is. */
  wait(): void {
    this.#ready.wait();
  }

  /** The messages that have come. Also sends what could not be sent before. */
  read(): Heard[] {
    const messages: unknown[] = [];
    this.#flush();
    while (this.#open) {
      const length = trySyscall(SYS.recvfrom, this.#socket, this.#chunk, CHUNK, MSG_DONTWAIT, 0, 0);
      if (length > 0) messages.push(...this.#frames.read(this.#chunk.subarray(0, length)));
      else if (length === 0) this.#end();
      else break;
    }
    return messages as Heard[];
  }

  /** Does nothing if the keeper is gone. What a keeper that is stopped has no room for is sent when it goes on. */
  tell(message: Told): void {
    if (!this.#open) return;
    this.#unsent = Buffer.concat([this.#unsent, frameOf(message)]);
    this.#flush();
  }

  /** The socket stays open. */
  close(): void {
    this.#ready.close();
  }

  #flush(): void {
    if (!this.#open) return;
    while (this.#unsent.length > 0) {
      const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
      const { length } = this.#unsent;
      const sent = trySyscall(SYS.sendto, this.#socket, this.#unsent, length, flags, 0, 0);
      if (sent < 0) break;
      this.#unsent = this.#unsent.subarray(sent);
    }
    const full = this.#unsent.length > 0;
    if (full !== this.#full) this.#ready.watch(this.#socket, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
    this.#full = full;
  }

  /** A socket without another end would be ready for ever. */
  #end(): void {
    this.#open = false;
    this.#ready.forget(this.#socket);
  }
}
