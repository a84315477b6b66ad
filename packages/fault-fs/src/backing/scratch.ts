import { LITTLE_ENDIAN, PageMemory } from '@ordeal/linux';

/** Room for `struct linux_dirent64` records. */
export const DIRENTS_SIZE = 128 * 1024;
/** MAX_HANDLE_SZ (include/linux/exportfs.h) and the head of struct file_handle: bytes 0, type 4. */
export const HANDLE_SIZE = 8 + 128;

const DIGITS = 512;
const PROC_PATH = 576;
const PREFIX = '/proc/self/fd/';

/**
 * Memory at fixed addresses for the structures that system calls read and write. One per serving thread; what is
 * in it is valid until the next call that uses the same part.
 */
export class Scratch {
  readonly memory = new PageMemory(4096 + DIRENTS_SIZE);
  readonly view = this.memory.view;
  readonly bytes = this.memory.bytes;
  /** struct statx, 256 bytes at offset 0. */
  readonly statx = this.memory.address;
  readonly statxAt = 0;
  /** An empty string. */
  readonly empty = this.memory.address + 256;
  /** `.` */
  readonly dot = this.memory.address + 264;
  /** Two struct timespec. */
  readonly times = this.memory.address + 640;
  readonly timesAt = 640;
  /** struct flock. */
  readonly lock = this.memory.address + 704;
  readonly lockAt = 704;
  /** struct iovec. */
  readonly iovec = this.memory.address + 768;
  readonly iovecAt = 768;
  /** Two 64-bit offsets. */
  readonly offsets = this.memory.address + 800;
  readonly offsetsAt = 800;
  /** struct statfs, 120 bytes. */
  readonly statfs = this.memory.address + 832;
  readonly statfsAt = 832;
  /** struct file_handle. */
  readonly handle = this.memory.address + 1024;
  readonly handleAt = 1024;
  /** An int, for the mount id of name_to_handle_at. */
  readonly mountId = this.memory.address + 1280;
  /** Capability header (8 bytes) and data (24). */
  readonly capabilities = this.memory.address + 1296;
  readonly capabilitiesAt = 1296;
  /** struct statx for {@link PathDescriptors} alone, which must not touch what an operation found. */
  readonly ownStatx = this.memory.address + 1536;
  readonly ownStatxAt = 1536;
  readonly dirents = this.memory.address + 4096;
  readonly direntsAt = 4096;

  constructor() {
    this.bytes[264] = 0x2e;
    for (let index = 0; index < PREFIX.length; index++) {
      this.bytes[PROC_PATH + index] = PREFIX.charCodeAt(index);
    }
  }

  /** The descriptor's number as a string, for a lookup below /proc/self/fd. @returns its address */
  digits(fd: number): number {
    this.#writeNumber(DIGITS, fd);
    return this.memory.address + DIGITS;
  }

  /** `/proc/self/fd/N`. @returns its address */
  procPath(fd: number): number {
    this.#writeNumber(PROC_PATH + PREFIX.length, fd);
    return this.memory.address + PROC_PATH;
  }

  u64(at: number): number {
    return this.view.getUint32(at, LITTLE_ENDIAN) + this.view.getUint32(at + 4, LITTLE_ENDIAN) * 2 ** 32;
  }

  setBig(at: number, value: bigint): void {
    this.view.setBigUint64(at, BigInt.asUintN(64, value), LITTLE_ENDIAN);
  }

  setU64(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, LITTLE_ENDIAN);
    this.view.setUint32(at + 4, Math.floor(value / 2 ** 32), LITTLE_ENDIAN);
  }

  close(): void {
    this.memory.close();
  }

  #writeNumber(at: number, value: number): void {
    let length = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++;
    this.bytes[at + length] = 0;
    for (let index = at + length - 1, rest = value; index >= at; index--) {
      this.bytes[index] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}
