import type { RunOptions } from './vm.js';

const CHUNK_BYTES = 32 * 1024;
/** Bytes that may be in flight to a command that has not read them yet: bounds the guest's memory. */
const WINDOW_BYTES = 256 * 1024;

/** Feeds a command's standard input, never more than a window ahead of what it has read. */
export class GuestInput {
  readonly #send: (type: 'I' | 'E', bytes: Uint8Array) => void;
  readonly #stopped: Promise<void>;
  #stop: () => void = () => {};
  #ended = false;
  #outstanding = 0;
  #wake: () => void = () => {};

  constructor(send: (type: 'I' | 'E', bytes: Uint8Array) => void) {
    this.#send = send;
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** Sends everything, then the end. Resolves early when the command has ended; rejects when the source fails. */
  async pump(source: RunOptions['stdin']): Promise<void> {
    if (source !== undefined) {
      const chunks = typeof source === 'string' || source instanceof Uint8Array ? once(source) : source;
      const iterator = chunks[Symbol.asyncIterator]();
      while (!this.#ended) {
        const next = await Promise.race([iterator.next(), this.#stopped]);
        if (!next) {
          // Not awaited: a generator that waits for input would only return after it.
          iterator.return?.()?.catch(() => {});
          return;
        }
        if (next.done) break;
        await this.#sendAll(typeof next.value === 'string' ? Buffer.from(next.value) : next.value);
      }
    }
    if (!this.#ended) this.#send('E', new Uint8Array());
  }

  /** The command has read this many more bytes. */
  taken(bytes: number): void {
    this.#outstanding -= bytes;
    this.#wake();
  }

  /** The command has ended: the rest of the input is dropped. Idempotent. */
  stop(): void {
    this.#ended = true;
    this.#stop();
    this.#wake();
  }

  async #sendAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#ended; at += CHUNK_BYTES) {
      while (this.#outstanding >= WINDOW_BYTES && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      this.#outstanding += chunk.length;
      if (!this.#ended) this.#send('I', chunk);
    }
  }
}

async function* once(value: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  yield value;
}
