import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { cString, type MappedMemory, mapShared, SYS, syscall, unmap } from '@ordeal/linux';

const MFD_CLOEXEC = 1;

/**
 * A few bytes that record what a killed server was doing: in memory that the process sharing its descriptors keeps, so
 * that noting something takes no system call. The first word says whether there is anything; it is stored last, and a
 * server that is killed amid its stores has noted nothing.
 */
export class KeptRecord {
  readonly #memory: MappedMemory;
  readonly #words: Int32Array;
  readonly #fd: number;
  /** All of it. The first word changes by {@link KeptRecord.publish} and {@link KeptRecord.withdraw} alone. */
  readonly view: DataView;

  /** @param name by which {@link readKeptRecord} finds it. @param size bytes, a multiple of 4. @throws SyscallError */
  constructor(name: string, size: number) {
    this.#fd = syscall('memfd_create', SYS.memfd_create, cString(name), MFD_CLOEXEC);
    syscall('ftruncate', SYS.ftruncate, this.#fd, size);
    this.#memory = mapShared(this.#fd, size, 0, true);
    this.#words = new Int32Array(this.#memory.buffer, 0, size / 4);
    this.view = new DataView(this.#memory.buffer, 0, size);
  }

  /** From here on there is nothing to tell, and the rest may change. */
  withdraw(): void {
    Atomics.store(this.#words, 0, 0);
  }

  /** What the view holds is told from here on. @param word the first one, not 0 */
  publish(word: number): void {
    Atomics.store(this.#words, 0, word);
  }

  close(): void {
    unmap(this.#memory);
    syscall('close', SYS.close, this.#fd);
  }
}

/**
 * The record of a dead server.
 *
 * @param pid the process that keeps its descriptors
 * @returns `undefined` if there is none
 */
export function readKeptRecord(pid: number, name: string, size: number): DataView | undefined {
  const directory = `/proc/${pid}/fd`;
  try {
    const path = readdirSync(directory)
      .map((number) => `${directory}/${number}`)
      .find((each) => linkOf(each).startsWith(`/memfd:${name} `));
    return path === undefined ? undefined : readStart(path, size);
  } catch {
    return undefined;
  }
}

function readStart(path: string, size: number): DataView {
  const bytes = new Uint8Array(size);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, size, 0);
  } finally {
    closeSync(file);
  }
  return new DataView(bytes.buffer);
}

/** Empty if the descriptor is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
