import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { call4, cString, PageMemory, SYS, syscall } from '@ordeal/linux';

const MFD_CLOEXEC = 1;

/**
 * A few bytes that record what a killed server was doing: in memory that the process sharing its descriptors keeps.
 */
export class KeptRecord {
  readonly #memory: PageMemory;
  readonly #fd: number;

  /** @param name by which {@link readKeptRecord} finds it. @param size bytes, at most. @throws SyscallError */
  constructor(name: string, size: number) {
    this.#memory = new PageMemory(size);
    this.#fd = syscall('memfd_create', SYS.memfd_create, cString(name), MFD_CLOEXEC);
  }

  /** What {@link KeptRecord.write} writes. */
  get view(): DataView {
    return this.#memory.view;
  }

  /** Writes the first `length` bytes of the view. */
  write(length: number): void {
    call4(SYS.pwrite64, this.#fd, this.#memory.address, length, 0);
  }

  close(): void {
    syscall('close', SYS.close, this.#fd);
    this.#memory.close();
  }
}

/**
 * The record of a dead server. @param pid the process that keeps its descriptors
 *
 * @returns `undefined` if there is
 * none
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
