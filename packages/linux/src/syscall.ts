import koffi from 'koffi';
import { addressOf } from './bytes.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/**
 * An argument of a system call: a number, an address, or bytes whose address is passed. The kernel may read or write
 * the bytes, and memory that they point to by {@link StructWriter.pointer}, during the call; memory that it keeps
 * using afterwards must stay referenced by the caller.
 */
export type SyscallArgument = number | bigint | Uint8Array;

// libc's syscall(2) takes its arguments in registers on x86-64 and arm64, so a fixed prototype is right for both, and
// cheaper than a variadic one.
const rawSyscall = koffi.load(null).func('long syscall(long, long, long, long, long, long, long)') as (
  ...args: (number | bigint)[]
) => number | bigint;

/**
 * One system call on the calling thread. Blocks the thread as long as the call does: never make one that can block
 * without bound, a Node process cannot exit while it is pending.
 *
 * @returns the result, or `-errno` if the call failed
 */
export function trySyscall(number: number, ...args: readonly SyscallArgument[]): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  const result = rawSyscall(
    number,
    addressed(a),
    addressed(b),
    addressed(c),
    addressed(d),
    addressed(e),
    addressed(f),
  );
  const value = result === -1 ? -koffi.errno() : Number(result);
  anchor.kept = args;
  return value;
}

/**
 * Like {@link trySyscall}, but throws on failure.
 *
 * @param what a description of the call, for the error's message
 * @throws SyscallError
 */
export function syscall(what: string, number: number, ...args: readonly SyscallArgument[]): number {
  const result = trySyscall(number, ...args);
  if (result < 0) throw new SyscallError(what, -result);
  return result;
}

function addressed(argument: SyscallArgument): number | bigint {
  return typeof argument === 'object' ? addressOf(argument) : argument;
}

// The engine may collect an object after its last use, even in the middle of a call: storing it here is that last use.
const anchor: { kept: readonly unknown[] } = { kept: [] };

/** Maps `length` bytes of `fd` shared into this process; the caller unmaps with {@link unmap}. @throws SyscallError */
export function mapShared(fd: number, length: number, offset: number, writable: boolean): MappedMemory {
  // PROT_READ 1, PROT_WRITE 2, MAP_SHARED 1: include/uapi/asm-generic/mman-common.h
  const protection = writable ? 3 : 1;
  const result = rawSyscall(SYS.mmap, 0, length, protection, 1, fd, offset);
  if (result === -1) throw new SyscallError(`mmap(${length} bytes)`, koffi.errno());
  const address = BigInt(result);
  return { address, length, buffer: koffi.view(address, length) as ArrayBuffer };
}

/** Memory shared with the kernel. `buffer` must not be touched after {@link unmap}. */
export interface MappedMemory {
  readonly address: bigint;
  readonly length: number;
  readonly buffer: ArrayBuffer;
}

/** Ends a mapping made by {@link mapShared}. @throws SyscallError */
export function unmap(memory: MappedMemory): void {
  syscall('munmap', SYS.munmap, memory.address, memory.length);
}
