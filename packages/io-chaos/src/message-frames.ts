import { deserialize, serialize } from 'node:v8';

/** The longest valid message. */
const LONGEST = 64 << 20;
const HEADER = 4;

/**
 * The encoding of a message on a stream: its length in four bytes (little endian), then a structured clone of the
 * value.
 */
export function frameOf(message: unknown): Buffer {
  const body = serialize(message);
  const frame = Buffer.alloc(HEADER + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, HEADER);
  return frame;
}

/** Reassembles messages from chunks. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  /**
   * @returns the messages that are complete now
   * @throws RangeError, Error if the bytes are not from {@link frameOf}
   */
  read(chunk: Uint8Array): unknown[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const messages: unknown[] = [];
    while (this.#bytes.length >= HEADER) {
      const length = this.#bytes.readUInt32LE(0);
      if (length > LONGEST) throw new RangeError(`a message of ${length} bytes`);
      if (this.#bytes.length < HEADER + length) break;
      messages.push(deserialize(this.#bytes.subarray(HEADER, HEADER + length)));
      this.#bytes = this.#bytes.subarray(HEADER + length);
    }
    return messages;
  }
}
