import { LITTLE_ENDIAN } from '@ordeal/linux';
import { ShortReadError } from './short-read-error.js';

/** Memory that holds messages: plain numbers for system calls, a view for everything else. */
export interface MessageMemory {
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
}

/** sizeof(struct fuse_in_header): len 0, opcode 4, unique 8, nodeid 16, uid 24, gid 28, pid 32, total_extlen 36. */
export const IN_HEADER = 40;

/**
 * A request as the kernel wrote it: a cursor over memory that it does not own, so it is only valid until the next
 * {@link Request.load}. Offsets count from the start of the message. Every read is checked against the message's
 * length and throws a {@link ShortReadError}; a message is otherwise taken as the kernel, a trusted peer, sends it.
 */
export class Request {
  #memory: MessageMemory;
  /** The memory as bytes, for text. */
  #buffer: Buffer;
  #start = 0;
  /** Of the message without extensions. */
  length = 0;
  /** Of the message with extensions. */
  wholeLength = 0;
  opcode = 0;
  /** Two halves: bit 63 marks a request that was resent. */
  uniqueLow = 0;
  uniqueHigh = 0;
  nodeid = 0;
  uid = 0;
  gid = 0;
  /**
   * The calling thread in the mount's pid namespace; 0 if it is not in it, or if the kernel makes the request itself.
   */
  pid = 0;

  constructor(memory: MessageMemory) {
    this.#memory = memory;
    this.#buffer = bufferOver(memory);
  }

  /** Points to the message of `length` bytes at `start`. @throws ShortReadError also where the header lies */
  load(memory: MessageMemory, start: number, length: number): void {
    if (memory !== this.#memory) this.#buffer = bufferOver(memory);
    this.#memory = memory;
    this.#start = start;
    this.length = length;
    this.wholeLength = length;
    this.opcode = 0;
    if (length < IN_HEADER) throw new ShortReadError(0, IN_HEADER, length);
    const view = memory.view;
    this.opcode = view.getUint32(start + 4, LITTLE_ENDIAN);
    this.uniqueLow = view.getUint32(start + 8, LITTLE_ENDIAN);
    this.uniqueHigh = view.getUint32(start + 12, LITTLE_ENDIAN);
    const said = view.getUint32(start, LITTLE_ENDIAN);
    if (said !== length) throw new ShortReadError(this.opcode, said, length);
    this.nodeid =
      view.getUint32(start + 16, LITTLE_ENDIAN) + view.getUint32(start + 20, LITTLE_ENDIAN) * 2 ** 32;
    this.uid = view.getUint32(start + 24, LITTLE_ENDIAN);
    this.gid = view.getUint32(start + 28, LITTLE_ENDIAN);
    this.pid = view.getUint32(start + 32, LITTLE_ENDIAN);
    // Extensions (8-byte units) come last and are not part of the body.
    const extensions = view.getUint16(start + 36, LITTLE_ENDIAN) * 8;
    if (IN_HEADER + extensions > length)
      throw new ShortReadError(this.opcode, IN_HEADER + extensions, length);
    this.length = length - extensions;
  }

  /** A number that identifies this request among the pending ones, also after it was resent. */
  get key(): number {
    return this.uniqueLow + (this.uniqueHigh & 0x7fffffff) * 2 ** 32;
  }

  /** Address of byte `at`, of which `count` are wanted. */
  addressOf(at: number, count: number): number {
    this.#need(at + count);
    return this.#memory.address + this.#start + at;
  }

  u32(at: number): number {
    this.#need(at + 4);
    return this.#memory.view.getUint32(this.#start + at, LITTLE_ENDIAN);
  }

  /** For handles and node ids, which this side chose and which stay below 2^53. */
  u64(at: number): number {
    this.#need(at + 8);
    const view = this.#memory.view;
    const low = view.getUint32(this.#start + at, LITTLE_ENDIAN);
    return low + view.getUint32(this.#start + at + 4, LITTLE_ENDIAN) * 2 ** 32;
  }

  /** For values that use all 64 bits: lock owners, lock ranges. */
  big(at: number): bigint {
    this.#need(at + 8);
    return this.#memory.view.getBigUint64(this.#start + at, LITTLE_ENDIAN);
  }

  /**
   * A signed 64-bit file offset: a number if that is exact, otherwise a bigint. Both can be passed to a system call
   * unchanged.
   */
  offset(at: number): number | bigint {
    this.#need(at + 8);
    const view = this.#memory.view;
    const high = view.getInt32(this.#start + at + 4, LITTLE_ENDIAN);
    if (high >= -0x200000 && high < 0x200000) {
      return high * 2 ** 32 + view.getUint32(this.#start + at, LITTLE_ENDIAN);
    }
    return view.getBigInt64(this.#start + at, LITTLE_ENDIAN);
  }

  /**
   * The length in bytes of the NUL-terminated string at `at`, without the NUL.
   *
   * @throws ShortReadError without a NUL
   */
  nameLength(at: number): number {
    this.#need(at + 1);
    const { bytes } = this.#memory;
    const start = this.#start + at;
    const limit = this.#start + this.length;
    // Names are short: a loop is faster than a call of indexOf().
    let end = start;
    while (end < limit && bytes[end] !== 0) end++;
    if (end === limit) throw new ShortReadError(this.opcode, this.length + 1, this.length);
    return end - start;
  }

  /** The bytes from `at`, one UTF-16 unit each (latin1). */
  latin1(at: number, count: number): string {
    this.#need(at + count);
    return this.#buffer.toString('latin1', this.#start + at, this.#start + at + count);
  }

  /** The bytes from `at`, not a copy. */
  bytes(at: number, count: number): Uint8Array {
    this.#need(at + count);
    return this.#memory.bytes.subarray(this.#start + at, this.#start + at + count);
  }

  /** Copies the whole message, extensions included. */
  copyTo(target: Uint8Array, at: number): void {
    target.set(this.#memory.bytes.subarray(this.#start, this.#start + this.wholeLength), at);
  }

  #need(end: number): void {
    if (end > this.length || end < 0) throw new ShortReadError(this.opcode, end, this.length);
  }
}

function bufferOver({ bytes }: MessageMemory): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
