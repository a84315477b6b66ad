import { readFileSync } from 'node:fs';
import { machine } from './machine.js';
import { readMemory } from './process-memory.js';

/** Why a process cannot be made to run system calls. */
export type NoGadget = 'is a 32-bit program' | 'has no vdso';

const ELF_CLASS = 4;
const ELFCLASS64 = 2;

/**
 * The address of an instruction in the process's vdso that enters the kernel, so that nothing need be written to make
 * it run system calls; or why there is none. Needs the right to trace the process, not a stop.
 *
 * @throws SyscallError, or an error of node:fs, where the process is gone or may not be read
 */
export function findSyscallGadget(pid: number): bigint | NoGadget {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
  const range = /^([0-9a-f]+)-([0-9a-f]+) r-x.*\[vdso\]$/m.exec(maps);
  if (!range) return 'has no vdso';
  const start = BigInt(`0x${range[1]}`);
  const code = readMemory(pid, start, Number(BigInt(`0x${range[2]}`) - start));
  if (code[ELF_CLASS] !== ELFCLASS64) return 'is a 32-bit program';
  const { syscallInstruction, instructionAlignment } = machine;
  for (let at = 0; at <= code.length - syscallInstruction.length; at += instructionAlignment) {
    if (syscallInstruction.every((byte, index) => code[at + index] === byte)) return start + BigInt(at);
  }
  return 'has no vdso';
}
