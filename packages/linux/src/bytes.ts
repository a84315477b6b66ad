import { endianness } from 'node:os';

/** Byte order of this machine, as DataView wants it. */
export const LITTLE_ENDIAN = endianness() === 'LE';

/** Builds a NUL-terminated C string. */
export function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/**
 * Writes a C structure field by field into zeroed memory of fixed size, in this machine's byte order.
 * A write outside the structure throws a RangeError: that is a defect in the layout, never bad input.
 */
export class StructWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** @param size of the structure in bytes */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, value, LITTLE_ENDIAN);
    return this;
  }

  u64(offset: number, value: bigint | number): this {
    this.#view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), LITTLE_ENDIAN);
    return this;
  }

  /** Copies `text` as a NUL-terminated string into a field of `length` bytes, cut to fit. */
  chars(offset: number, length: number, text: string): this {
    this.bytes.set(new TextEncoder().encode(text).subarray(0, length - 1), offset);
    return this;
  }
}
