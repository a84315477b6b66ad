import type { ChildProcess } from 'node:child_process';
import type { Peer } from './peer.js';

/** A message of one conversation among those on an IPC channel, or the end of the conversation. */
type ChannelMessage =
  | { readonly channel: number; readonly message: unknown }
  | { readonly channel: number; readonly closed: true };

interface Listener {
  hear(message: unknown): void;
  ended(): void;
}

const DEAF: Listener = { hear: () => undefined, ended: () => undefined };

/** Any number of conversations with a program that this process has started with an IPC channel. */
export class ChildChannels {
  readonly #child: ChildProcess;
  /** Those that the child has not closed. */
  readonly #listeners = new Map<number, Listener>();
  /** Those that keep this process from ending. */
  readonly #kept = new Set<number>();
  #last = 0;

  /** Without a conversation the child does not keep this process from ending. */
  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => this.#hear(message as ChannelMessage));
    for (const event of ['error', 'exit', 'disconnect'] as const) child.on(event, () => this.#end());
    this.#keep();
  }

  /** Whether the child has closed each conversation. */
  get idle(): boolean {
    return this.#listeners.size === 0;
  }

  /** Begins another one. */
  open<Heard, Told>(): Peer<Heard, Told> {
    const channel = ++this.#last;
    this.#listeners.set(channel, DEAF);
    this.#kept.add(channel);
    this.#keep();
    const tell = (rest: { message: unknown } | { closed: true }) => {
      if (this.#child.connected) this.#child.send({ channel, ...rest }, () => undefined);
    };
    const isOpen = () => this.#child.connected && this.#listeners.has(channel);
    return {
      get open() {
        return isOpen();
      },
      tell: (message) => tell({ message }),
      listen: (hear, ended) => {
        if (!isOpen()) return ended();
        this.#listeners.set(channel, { hear: (message) => hear(message as Heard), ended });
      },
      flush: () => Promise.resolve(),
      close: () => {
        if (!this.#kept.has(channel)) return;
        tell({ closed: true });
        this.#close(channel);
      },
    };
  }

  #hear(heard: ChannelMessage): void {
    const listener = this.#listeners.get(heard.channel);
    if ('message' in heard) {
      listener?.hear(heard.message);
    } else {
      this.#listeners.delete(heard.channel);
      listener?.ended();
      this.#close(heard.channel);
    }
  }

  #close(channel: number): void {
    this.#kept.delete(channel);
    this.#keep();
  }

  #end(): void {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) listener.ended();
  }

  #keep(): void {
    const { channel } = this.#child;
    if (this.#kept.size > 0) {
      this.#child.ref();
      channel?.ref();
    } else {
      this.#child.unref();
      channel?.unref();
    }
  }
}

/** The conversations that the process which has started this one with an IPC channel begins. */
export class ParentChannels {
  readonly #accept: (peer: Peer<never, unknown>) => void;
  readonly #listeners = new Map<number, Listener>();
  readonly #parent = process.ppid;
  #sent: Promise<void> = Promise.resolve();

  /** @param accept called for each one, with its first message; it listens at once */
  constructor(accept: (peer: Peer<never, unknown>) => void) {
    this.#accept = accept;
  }

  /** Whether the parent is there. The event for a dead one may come many steps later. */
  get open(): boolean {
    return process.connected && process.ppid === this.#parent;
  }

  hear(heard: ChannelMessage): void {
    const { channel } = heard;
    if ('closed' in heard) {
      this.#listeners.get(channel)?.ended();
      return;
    }
    if (!this.#listeners.has(channel)) {
      this.#listeners.set(channel, DEAF);
      this.#accept(this.#peer(channel));
    }
    this.#listeners.get(channel)?.hear(heard.message);
  }

  /** The parent is gone. */
  end(): void {
    for (const listener of this.#listeners.values()) listener.ended();
  }

  #peer(channel: number): Peer<never, unknown> {
    const isOpen = () => this.open && this.#listeners.has(channel);
    return {
      get open() {
        return isOpen();
      },
      tell: (message) => this.#tell({ channel, message }),
      listen: (hear, ended) => {
        this.#listeners.set(channel, { hear: (message) => hear(message as never), ended });
        if (!this.open) ended();
      },
      flush: () => this.#sent,
      close: () => {
        if (this.#listeners.delete(channel)) this.#tell({ channel, closed: true });
      },
    };
  }

  #tell(message: ChannelMessage): void {
    if (!process.connected) return;
    this.#sent = new Promise((resolve) => process.send?.(message, () => resolve()));
  }
}
