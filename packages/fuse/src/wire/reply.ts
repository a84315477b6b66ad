import { LITTLE_ENDIAN } from '@ordeal/linux';
import type { MessageMemory } from './request.js';

/** sizeof(struct fuse_out_header): len 0, error 4, unique 8. */
export const OUT_HEADER = 16;

/**
 * Where a handler writes the body of its answer. Offsets count from the start of the body; writing past
 * {@link Reply.capacity} throws a RangeError, which is a defect of the handler.
 */
export class Reply {
  /** The body's memory, for handlers that copy whole structures. */
  readonly view: DataView;
  readonly bytes: Uint8Array;
  /** Address of the body: page-aligned in a session, so that direct I/O may read straight into it. */
  readonly address: number;
  readonly capacity: number;

  /** @param start of the header in `memory`; the body follows and takes the rest */
  constructor(memory: MessageMemory, start: number) {
    const from = start + OUT_HEADER;
    this.bytes = memory.bytes.subarray(from);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.address = memory.address + from;
    this.capacity = this.bytes.length;
  }

  u16(at: number, value: number): void {
    this.view.setUint16(at, value, LITTLE_ENDIAN);
  }

  u32(at: number, value: number): void {
    this.view.setUint32(at, value, LITTLE_ENDIAN);
  }

  /** A number below 2^53. */
  u64(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, LITTLE_ENDIAN);
    this.view.setUint32(at + 4, Math.floor(value / 2 ** 32), LITTLE_ENDIAN);
  }

  big(at: number, value: bigint): void {
    this.view.setBigUint64(at, BigInt.asUintN(64, value), LITTLE_ENDIAN);
  }

  zero(at: number, count: number): void {
    this.bytes.fill(0, at, at + count);
  }
}
