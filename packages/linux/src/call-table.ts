import { LITTLE_ENDIAN } from './bytes.js';
import { CALL_SIZE } from './machine.js';

/** A system call for another process to make. */
export interface TableCall {
  readonly number: number;
  readonly args: readonly (number | bigint)[];
}

/** No system call returns this: the result of a call that has not been made. */
export const PENDING = -(1n << 63n);

const LONGS = CALL_SIZE / 8;
const WORDS = CALL_SIZE / 4;
/** Of an entry, in longs. */
const ARGUMENTS = 1;
const RESULT = 7;
const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/**
 * A table of system calls in memory, as {@link Machine.routine} makes them; a negative number ends it. Numbers that fit into 32
 * bits, nearly all, are written without a bigint each: there are thousands, while a process stands still.
 */
export class CallTable {
  /** Zero at first; what other memory gets, and what is read back from there. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array;
  readonly #longs: BigInt64Array;

  constructor(count: number) {
    this.bytes = new Uint8Array(count * CALL_SIZE);
    this.#words = new Int32Array(this.bytes.buffer);
    this.#longs = new BigInt64Array(this.bytes.buffer);
  }

  /** Writes entry `index`. */
  set(index: number, number: number, args: readonly (number | bigint)[]): void {
    const at = index * LONGS;
    this.#setLong(at, number);
    for (let position = 0; position < args.length; position++) {
      this.#setLong(at + ARGUMENTS + position, args[position] as number | bigint);
    }
  }

  /** Ends the table before entry `index`. */
  end(index: number): void {
    this.#setLong(index * LONGS, -1);
  }

  /** Marks the result of entry `index` as not there yet. */
  await(index: number): void {
    this.#longs[index * LONGS + RESULT] = PENDING;
  }

  /** What call `index` returned: `-errno` for errors. Exact up to 2^53. */
  result(index: number): number {
    const at = index * WORDS + RESULT * 2;
    return ((this.#words[at + LOW] as number) >>> 0) + (this.#words[at + HIGH] as number) * 2 ** 32;
  }

  /** The results of the first calls. */
  results(count: number): number[] {
    const results: number[] = [];
    for (let index = 0; index < count; index++) results.push(this.result(index));
    return results;
  }

  #setLong(at: number, value: number | bigint): void {
    if (typeof value === 'number' && value === (value | 0)) {
      this.#words[at * 2 + LOW] = value;
      this.#words[at * 2 + HIGH] = value >> 31;
    } else this.#longs[at] = BigInt.asIntN(64, BigInt(value));
  }
}
