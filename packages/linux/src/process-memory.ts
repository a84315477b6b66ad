import { StructWriter } from './bytes.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/**
 * Reads memory of another process (process_vm_readv(2)); needs permission to trace it; it need not be stopped.
 *
 * @throws SyscallError; EFAULT if not all of it can be read
 */
export function readMemory(pid: number, address: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  transfer('process_vm_readv', SYS.process_vm_readv, pid, address, bytes);
  return bytes;
}

/**
 * Writes memory of another process (process_vm_writev(2)); the pages must be writable for the process itself.
 *
 * @throws SyscallError; EFAULT if not all of it can be written
 */
export function writeMemory(pid: number, address: bigint, bytes: Uint8Array): void {
  transfer('process_vm_writev', SYS.process_vm_writev, pid, address, bytes);
}

function transfer(name: string, number: number, pid: number, address: bigint, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const left = bytes.length - done;
    // struct iovec: base, length
    const local = new StructWriter(16).pointer(0, bytes.subarray(done)).u64(8, left).bytes;
    const remote = new StructWriter(16).u64(0, address + BigInt(done)).u64(8, left).bytes;
    const moved = trySyscall(number, pid, local, 1, remote, 1, 0);
    if (moved <= 0) {
      throw new SyscallError(
        `${name}(${pid}, ${left} bytes at 0x${address.toString(16)})`,
        moved ? -moved : 14,
      );
    }
    done += moved;
  }
}
