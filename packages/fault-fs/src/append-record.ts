import { LITTLE_ENDIAN } from '@ordeal/linux';
import { KeptRecord, readKeptRecord } from './kept-record.js';

const NAME = 'ordeal-append';
/** Five 64-bit numbers: thread, inode, offset, end, length. */
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
 * the other.
 */
export class AppendRecorder {
  readonly #record = new KeptRecord(NAME, SIZE);

  /** @throws SyscallError */
  constructor() {
    // Thread 0: an empty record says that nothing was appended; a missing record says that it is not known.
    this.begin(0, 0, 0, 0, 0);
  }

  /** @param inode the original file's, and `end` its size in bytes */
  begin(tid: number, inode: number | bigint, offset: number | bigint, end: number, length: number): void {
    for (const [index, value] of [tid, inode, offset, end, length].entries()) {
      this.#record.view.setBigUint64(index * 8, BigInt(value), LITTLE_ENDIAN);
    }
    this.#record.write(SIZE);
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
  const word = (index: number) => view.getBigUint64(index * 8, LITTLE_ENDIAN);
  return { tid: Number(word(0)), inode: word(1), offset: word(2), end: word(3), length: Number(word(4)) };
}
