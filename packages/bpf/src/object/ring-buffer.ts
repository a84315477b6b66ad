import { LITTLE_ENDIAN, type MappedMemory, mapShared, unmap } from '@ordeal/linux';
import type { BpfMap } from './map.js';

/** Bits of a record's length word: still being written, thrown away (include/uapi/linux/bpf.h, BPF_RINGBUF_*). */
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;
/** `BPF_RINGBUF_HDR_SZ`: length word and page offset before each record. */
const HEADER = 8;
/** Pages are 4 KiB on x86-64 and on the arm64 kernels of the distributions. */
const PAGE = 4096;

/**
 * Reads the records of a ring buffer map (Linux ≥ 5.8), oldest first. The owner closes it before the map.
 *
 * Layout (kernel/bpf/ringbuf.c): one page with the consumer's position, writable; one with the producer's; then the
 * data, mapped twice in a row so that a record never breaks.
 */
export class RingBuffer {
  readonly #consumer: MappedMemory;
  readonly #producer: MappedMemory;
  readonly #consumerView: BigUint64Array;
  readonly #producerView: BigUint64Array;
  readonly #data: DataView;
  readonly #mask: bigint;
  #closed = false;

  /** @throws SyscallError where the map cannot be mapped */
  constructor(map: BpfMap) {
    const size = map.spec.entries;
    this.#mask = BigInt(size - 1);
    this.#consumer = mapShared(map.fd.number, PAGE, 0, true);
    this.#producer = mapShared(map.fd.number, PAGE + 2 * size, PAGE, false);
    this.#consumerView = new BigUint64Array(this.#consumer.buffer, 0, 1);
    this.#producerView = new BigUint64Array(this.#producer.buffer, 0, 1);
    this.#data = new DataView(this.#producer.buffer, PAGE);
  }

  /** Copies of the records that have come since the last call. Never waits. */
  read(): Uint8Array[] {
    const records: Uint8Array[] = [];
    if (this.#closed) return records;
    let position = Atomics.load(this.#consumerView, 0);
    const end = Atomics.load(this.#producerView, 0);
    while (position < end) {
      const at = Number(position & this.#mask);
      const word = this.#data.getUint32(at, LITTLE_ENDIAN);
      if (word & BUSY) break;
      const length = word & ~DISCARDED & 0x3fff_ffff;
      if ((word & DISCARDED) === 0) {
        records.push(
          new Uint8Array(this.#producer.buffer.slice(PAGE + at + HEADER, PAGE + at + HEADER + length)),
        );
      }
      position += BigInt((HEADER + length + 7) & ~7);
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
}
