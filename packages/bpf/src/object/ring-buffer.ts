import { type MappedMemory, mapShared, pageSize, unmap } from '@ordeal/linux';
import type { BpfMap } from './map.js';

/** Bits of a record's length word: still being written, discarded (include/uapi/linux/bpf.h, BPF_RINGBUF_*). */
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
/** `BPF_RINGBUF_HDR_SZ`: length word and page offset before each record. */
const HEADER = 8;
/**
 * Reads the records of a ring buffer map (Linux ≥ 5.8), oldest first. The owner closes it before the map.
 *
 * Layout (kernel/bpf/ringbuf.c): one page with the consumer's position, writable; one with the producer's; then the
 * data, mapped twice in a row so that a record is never split.
 */
export class RingBuffer {
  readonly #consumer: MappedMemory;
  readonly #producer: MappedMemory;
  readonly #consumerView: BigUint64Array;
  readonly #producerView: BigUint64Array;
  readonly #words: Uint32Array;
  readonly #size: number;
  readonly #page = pageSize();
  #closed = false;

  /** @throws SyscallError if the map cannot be mapped */
  constructor(map: BpfMap) {
    this.#size = map.spec.entries;
    this.#consumer = mapShared(map.fd.number, this.#page, 0, true);
    try {
      this.#producer = mapShared(map.fd.number, this.#page + 2 * this.#size, this.#page, false);
    } catch (error) {
      unmap(this.#consumer);
      throw error;
    }
    this.#consumerView = new BigUint64Array(this.#consumer.buffer, 0, 1);
    this.#producerView = new BigUint64Array(this.#producer.buffer, 0, 1);
    this.#words = new Uint32Array(this.#producer.buffer, this.#page);
  }

  /** Copies of the records that have come since the last call. Never waits. @throws RangeError for a damaged ring */
  read(): Uint8Array[] {
    const records: Uint8Array[] = [];
    if (this.#closed) return records;
    let position = Atomics.load(this.#consumerView, 0);
    const end = Atomics.load(this.#producerView, 0);
    while (position < end) {
      const at = Number(position & BigInt(this.#size - 1));
      const record = readHeader(this.#words, at, Math.min(Number(end - position), this.#size));
      if (record === undefined) break;
      if (!record.discarded) {
        const start = this.#page + at + HEADER;
        records.push(new Uint8Array(this.#producer.buffer.slice(start, start + record.length)));
      }
      position += BigInt(record.stride);
      Atomics.store(this.#consumerView, 0, position);
    }
    return records;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unmap(this.#consumer);
    unmap(this.#producer);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The header of a record. */
interface RecordHeader {
  /** Bytes of the record itself. */
  readonly length: number;
  readonly discarded: boolean;
  /** Bytes from this header to the next. */
  readonly stride: number;
}

/**
 * Reads the header at byte `at`. The producer writes its length word last, with a barrier before: what is read after
 * this atomic load is the whole record.
 *
 * @param available bytes from `at` to the producer's position
 * @returns `undefined` while the record is being written
 * @throws RangeError if the record would reach further
 */
export function readHeader(words: Uint32Array, at: number, available: number): RecordHeader | undefined {
  const word = Atomics.load(words, at / 4);
  if (word & BUSY) return undefined;
  const length = word & ~(BUSY | DISCARDED);
  const stride = (HEADER + length + 7) & ~7;
  if (stride > available) {
    throw new RangeError(`the ring has a record of ${length} bytes where ${available} were written`);
  }
  return { length, discarded: (word & DISCARDED) !== 0, stride };
}
