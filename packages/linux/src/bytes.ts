import { endianness } from 'node:os';
import koffi from 'koffi';

/** Byte order of this machine, as DataView expects it. */
export const LITTLE_ENDIAN = endianness() === 'LE';

/** Builds a NUL-terminated C string. */
export function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/**
 * The address of the first byte. Valid while `bytes` is referenced; {@link StructWriter.pointer} takes care of that.
 */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes) as bigint;
}

/** Keeps what a structure points to alive as long as the structure's own bytes. */
const pointees = new WeakMap<Uint8Array, Uint8Array[]>();

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

  /**
   * Writes the address of `target`, or NULL. This structure's `bytes` keep `target` alive, so
   * passing them to a system call is enough.
   */
  pointer(offset: number, target: Uint8Array | undefined): this {
    if (target === undefined) return this.u64(offset, 0n);
    const kept = pointees.get(this.bytes) ?? [];
    kept.push(target);
    pointees.set(this.bytes, kept);
    return this.u64(offset, addressOf(target));
  }

  /** Copies `text` as a NUL-terminated string into a field of `length` bytes, cut to fit. */
  chars(offset: number, length: number, text: string): this {
    this.bytes.set(new TextEncoder().encode(text).subarray(0, length - 1), offset);
    return this;
  }
}
