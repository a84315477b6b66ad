import { signalName } from './guest-signal.js';
import type { RunResult } from './vm.js';

/** The frames between host and guest; `guest/agent.pl` is the other end and documents each letter. */
export type FrameType = 'R' | 'T' | 'I' | 'E' | 'S' | 'H' | 'O' | 'D' | 'A' | 'X';

export interface Frame {
  readonly type: FrameType;
  /** The command that it belongs to; 0 for none. */
  readonly id: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 9;
/** The guest sends at most 32 KiB in one frame: a longer one means that the stream is damaged. */
const MAX_PAYLOAD = 1 << 20;

/** One frame as bytes. */
export function encodeFrame(type: FrameType, id: number, payload: Uint8Array | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  frame.write(type, 0, 'latin1');
  frame.writeUInt32BE(id, 1);
  frame.writeUInt32BE(body.length, 5);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Assembles frames from chunks of any size. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /**
   * The frames that are complete with this chunk, in order.
   * @throws RangeError when the stream does not consist of frames
   */
  push(chunk: Uint8Array): Frame[] {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (this.#pending.length - at >= HEADER_BYTES) {
      const length = this.#pending.readUInt32BE(at + 5);
      if (length > MAX_PAYLOAD) throw new RangeError(`frame of ${length} bytes`);
      const end = at + HEADER_BYTES + length;
      if (this.#pending.length < end) break;
      frames.push({
        type: this.#pending.toString('latin1', at, at + 1) as FrameType,
        id: this.#pending.readUInt32BE(at + 1),
        payload: this.#pending.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#pending = this.#pending.subarray(at);
    return frames;
  }
}

export interface RunRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Size of the terminal, 0 for unknown. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * The payload of a run frame.
 * @throws TypeError when a string holds a zero byte, or argv is empty
 */
export function encodeRun(request: RunRequest): Buffer {
  if (request.argv.length === 0) throw new TypeError('a command needs at least a program');
  const variables = Object.entries(request.env).map(([name, value]) => `${name}=${value}`);
  const size = [String(request.rows), String(request.columns)];
  const words = [...size, request.cwd, String(request.argv.length), ...request.argv, ...variables];
  for (const word of words) {
    if (word.includes('\0')) throw new TypeError(`a zero byte in ${JSON.stringify(word)}`);
  }
  return Buffer.from(words.map((word) => `${word}\0`).join(''));
}

/** A wait status (as of wait(2)) as the guest sends it. */
export function decodeWaitStatus(text: string): RunResult {
  const status = Number(text);
  const number = status & 0x7f;
  if (number === 0) return { exitCode: (status >> 8) & 0xff };
  return { signal: signalName(number) };
}
