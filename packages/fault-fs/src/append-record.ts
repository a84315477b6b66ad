import { LITTLE_ENDIAN } from '@ordeal/linux';
import { KeptRecord, readKeptRecord } from './kept-record.js';

const NAME = 'ordeal-append';
/** Thread (32 bits), then 64-bit numbers: inode, offset, end, length. */
const SIZE = 40;

/** The last append that a server began, whether or not it was completed. */
export interface AppendRecord {
  /** The thread that made the request. */
  readonly tid: number;
  /** Number of the original file's inode. */
  readonly inode: bigint;
  /** The end of the file as the kernel knew it when the request was made. */
  readonly offset: bigint;
  /** The end of the original file just before. */
  readonly end: bigint;
  /** Bytes. */
  readonly length: number;
}

/**
 * Records each append before it is carried out. One record is enough, since the serving thread carries out one after
 * the other. An empty record, of thread 0, says that nothing was appended; a missing one says that it is not known.
 */
export class AppendRecorder {
  readonly #record = new KeptRecord(NAME, SIZE);

  /** @param inode the original file's, and `end` its size in bytes */
  begin(tid: number, inode: number | bigint, offset: number | bigint, end: number, length: number): void {
    const { view } = this.#record;
    this.#record.withdraw();
    view.setBigUint64(8, BigInt(inode), LITTLE_ENDIAN);
    view.setBigUint64(16, BigInt(offset), LITTLE_ENDIAN);
    view.setBigUint64(24, BigInt(end), LITTLE_ENDIAN);
    view.setBigUint64(32, BigInt(length), LITTLE_ENDIAN);
    this.#record.publish(tid);
  }

  close(): void {
    this.#record.close();
  }
}

/**
 * The record of a dead server. @param pid the process that keeps its descriptors @returns `undefined` if there is none
 */
export function readAppendRecord(pid: number): AppendRecord | undefined {
  const view = readKeptRecord(pid, NAME, SIZE);
  if (!view) return undefined;
  return {
    tid: view.getUint32(0, LITTLE_ENDIAN),
    inode: view.getBigUint64(8, LITTLE_ENDIAN),
    offset: view.getBigUint64(16, LITTLE_ENDIAN),
    end: view.getBigUint64(24, LITTLE_ENDIAN),
    length: Number(view.getBigUint64(32, LITTLE_ENDIAN)),
  };
}
