import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { call4, cString, LITTLE_ENDIAN, PageMemory, SYS, syscall } from '@ordeal/linux';

const NAME = 'ordeal-append';
const MFD_CLOEXEC = 1;
/** Five 64-bit numbers: thread, inode, offset, end, length. */
const SIZE = 40;

/** The append that a server was carrying out, or had carried out, when it last began one. */
export interface AppendRecord {
  /** The thread that asked for it. */
  readonly tid: number;
  /** Number of the original file's inode. */
  readonly inode: bigint;
  /** Where the kernel took the end of the file to be when the thread asked. */
  readonly offset: bigint;
  /** Where the end of the original file was just before. */
  readonly end: bigint;
  /** Bytes. */
  readonly length: number;
}

/**
 * Tells what a killed server was doing: each append is noted before it is carried out, in memory that whoever shares the
 * server's descriptors keeps. One at a time is enough, since the serving thread carries out one after the other.
 */
export class AppendRecorder {
  readonly #memory = new PageMemory(SIZE);
  readonly #fd = syscall('memfd_create', SYS.memfd_create, cString(NAME), MFD_CLOEXEC);

  /** @throws SyscallError */
  constructor() {
    // Of no thread: an empty record says that nothing was appended, a missing one that it is not known.
    this.begin(0, 0, 0, 0, 0);
  }

  /** @param inode the original file's, and `end` its size in bytes */
  begin(tid: number, inode: number | bigint, offset: number | bigint, end: number, length: number): void {
    const { view } = this.#memory;
    for (const [index, value] of [tid, inode, offset, end, length].entries()) {
      view.setBigUint64(index * 8, BigInt(value), LITTLE_ENDIAN);
    }
    call4(SYS.pwrite64, this.#fd, this.#memory.address, SIZE, 0);
  }

  close(): void {
    syscall('close', SYS.close, this.#fd);
    this.#memory.close();
  }
}

/** The record of a dead server. @param pid who keeps its descriptors @returns `undefined` where there is none */
export function readAppendRecord(pid: number): AppendRecord | undefined {
  const directory = `/proc/${pid}/fd`;
  try {
    const path = readdirSync(directory)
      .map((number) => `${directory}/${number}`)
      .find((each) => linkOf(each).startsWith(`/memfd:${NAME} `));
    return path === undefined ? undefined : readRecord(path);
  } catch {
    return undefined;
  }
}

function readRecord(path: string): AppendRecord | undefined {
  const bytes = new Uint8Array(SIZE);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, bytes, 0, SIZE, 0) !== SIZE) return undefined;
  } finally {
    closeSync(file);
  }
  const view = new DataView(bytes.buffer);
  const word = (index: number) => view.getBigUint64(index * 8, LITTLE_ENDIAN);
  return { tid: Number(word(0)), inode: word(1), offset: word(2), end: word(3), length: Number(word(4)) };
}

/** Empty where the descriptor is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
