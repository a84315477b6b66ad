import koffi from 'koffi';
import { call2, call6 } from './direct-call.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/** Pages are 4 KiB on x86-64, up to 64 KiB on arm64; alignment to 4 KiB is what O_DIRECT may ask for. */
export const PAGE = 4096;

/**
 * Page-aligned memory outside the JavaScript heap, at a fixed address: for system calls that take plain numbers. Its
 * creator calls {@link PageMemory.close}; the bytes must not be touched afterwards.
 */
export class PageMemory {
  /** Addresses of user space are below 2^47 (2^48 on arm64), so a number holds them exactly. */
  readonly address: number;
  readonly length: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  #open = true;

  /** Maps at least `length` bytes, zeroed. @throws SyscallError */
  constructor(length: number) {
    this.length = Math.ceil(length / PAGE) * PAGE;
    // PROT_READ|PROT_WRITE 3, MAP_PRIVATE|MAP_ANONYMOUS 0x22: include/uapi/asm-generic/mman-common.h
    const address = call6(SYS.mmap, 0, this.length, 3, 0x22, -1, 0);
    if (address < 0 && address > -PAGE) throw new SyscallError(`mmap(${length} bytes)`, -address);
    this.address = address;
    const buffer = koffi.view(BigInt(address), this.length) as ArrayBuffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    call2(SYS.munmap, this.address, this.length);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Memory at an address that another thread of this process has mapped; the caller guarantees that it stays mapped.
 */
export function viewMemory(address: number, length: number): DataView<ArrayBuffer> {
  return new DataView(koffi.view(BigInt(address), length) as ArrayBuffer);
}
