import type { Duplex } from 'node:stream';
import { GuestInput } from './guest-input.js';
import { signalNumber } from './guest-signal.js';
import type { GuestCommand, RunOptions, RunResult } from './vm.js';
import {
  decodeWaitStatus,
  encodeFrame,
  encodeRun,
  type Frame,
  FrameReader,
  type RunRequest,
} from './wire.js';

interface Running {
  readonly onStdout: ((chunk: Buffer) => void) | undefined;
  readonly onStderr: ((chunk: Buffer) => void) | undefined;
  readonly input: GuestInput;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: Error) => void;
}

/** The host's end of the line to the guest's agent: starts commands and passes on their output. Owns nothing. */
export class AgentLine {
  /** The guest's kernel version, once its agent has answered. */
  readonly hello: Promise<string>;
  readonly #stream: Duplex;
  readonly #running = new Map<number, Running>();
  #lastId = 0;
  #failure: Error | undefined;
  #greet: (version: string) => void = () => {};

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.hello = new Promise((resolve) => {
      this.#greet = resolve;
    });
    const reader = new FrameReader();
    stream.on('data', (chunk: Buffer) => {
      try {
        for (const frame of reader.push(chunk)) this.#take(frame);
      } catch (error) {
        // Nothing after a damaged frame can be decoded; the guest resets when its line closes.
        this.fail(error instanceof Error ? error : new Error(String(error)));
        stream.destroy();
      }
    });
    // QEMU's end reports what went wrong; the line only stops.
    stream.on('error', () => {});
  }

  /** Starts a command; `onTerminal` connects it to the guest's hvc0 instead of to the options' streams. */
  start(request: RunRequest, options: RunOptions, onTerminal = false): GuestCommand {
    const id = ++this.#lastId;
    const payload = encodeRun(request);
    const input = new GuestInput((type, bytes) => this.#send(type, id, bytes));
    const result = new Promise<RunResult>((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const { onStdout, onStderr } = options;
      this.#running.set(id, { onStdout, onStderr, input, resolve, reject });
      this.#send(onTerminal ? 'T' : 'R', id, payload);
      if (onTerminal) return;
      input.pump(options.stdin).catch((error: unknown) => {
        this.#kill(id, 'SIGKILL');
        reject(error);
      });
    });
    // A caller that does not wait for the command ignores that the VM ended first.
    result.catch(() => {});
    return { result, kill: (signal) => this.#kill(id, signal) };
  }

  /** Ends every command, and every one that is started later, with this error. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const running of this.#running.values()) {
      running.input.stop();
      running.reject(error);
    }
    this.#running.clear();
  }

  #kill(id: number, signal: NodeJS.Signals): void {
    if (this.#running.has(id)) this.#send('S', id, String(signalNumber(signal)));
  }

  #send(type: 'R' | 'T' | 'I' | 'E' | 'S', id: number, payload: Uint8Array | string): void {
    if (!this.#stream.destroyed) this.#stream.write(encodeFrame(type, id, payload));
  }

  #take(frame: Frame): void {
    if (frame.type === 'H') this.#greet(frame.payload.toString());
    const running = this.#running.get(frame.id);
    if (!running) return;
    if (frame.type === 'O') running.onStdout?.(frame.payload);
    else if (frame.type === 'D') running.onStderr?.(frame.payload);
    else if (frame.type === 'A') running.input.taken(Number(frame.payload.toString()));
    else if (frame.type === 'X') {
      this.#running.delete(frame.id);
      running.input.stop();
      running.resolve(decodeWaitStatus(frame.payload.toString()));
    }
  }
}
