import { arch } from 'node:process';
import { UnsupportedError } from '@ordeal/diagnostics';
import { PageMemory } from './page-memory.js';
import { syscall, trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** include/uapi/asm-generic/mman-common.h */
const PROT_READ_EXEC = 5;
const SIG_SETMASK = 2;

/** Instructions for a process that shares this one's memory: bytes by architecture, position independent. */
export type MachineCode = { readonly [architecture: string]: readonly number[] };

/** The bytes of instructions of 32 bits each. */
export function bytesOfWords(words: readonly number[]): number[] {
  return words.flatMap((word) => [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, word >>> 24]);
}

/** Makes code executable. The caller keeps it for as long as it may run. @throws SyscallError; UnsupportedError */
export function loadCode(code: MachineCode): PageMemory {
  const instructions = code[arch];
  if (!instructions) throw new UnsupportedError('ORD-501', arch, `There is no code for a process on ${arch}`);
  const memory = new PageMemory(instructions.length);
  memory.bytes.set(instructions);
  syscall('mprotect', SYS.mprotect, memory.address, memory.length, PROT_READ_EXEC);
  return memory;
}

/** Starts a process while all signals are blocked: a handler of this one must not run there. */
export function withSignalsBlocked<T>(start: () => T): T {
  const before = new Uint8Array(8);
  trySyscall(SYS.rt_sigprocmask, SIG_SETMASK, new Uint8Array(8).fill(0xff), before, 8);
  try {
    return start();
  } finally {
    trySyscall(SYS.rt_sigprocmask, SIG_SETMASK, before, 0, 8);
  }
}
