import { LITTLE_ENDIAN, StructWriter, SYS, syscall } from '@ordeal/linux';
import { ATTR, COMMAND } from './attr.js';
import type { LoadedProgram } from './program.js';

/** Offsets in `struct bpf_prog_info` (include/uapi/linux/bpf.h); checked against the running kernel's BTF by a test. */
export const PROGRAM_INFO = { recursionMisses: 208, verifiedInstructions: 216, size: 224 } as const;

/** The kernel's information about a loaded program. */
export interface ProgramInfo {
  /** Instructions that the verifier processed; 0 before Linux 5.16. */
  readonly verifiedInstructions: number;
  /** How often the program was skipped because it already ran on that CPU; 0 before Linux 5.12. */
  readonly recursionMisses: bigint;
}

/** @throws SyscallError */
export function readProgramInfo(program: LoadedProgram): ProgramInfo {
  const info = new Uint8Array(PROGRAM_INFO.size);
  const offsets = ATTR.objectInfo;
  const attr = new StructWriter(offsets.size)
    .u32(offsets.fd, program.fd.number)
    .u32(offsets.length, info.length)
    .pointer(offsets.info, info);
  syscall(`bpf(OBJ_GET_INFO ${program.spec.name})`, SYS.bpf, COMMAND.objectInfo, attr.bytes, offsets.size);
  const view = new DataView(info.buffer);
  return {
    verifiedInstructions: view.getUint32(PROGRAM_INFO.verifiedInstructions, LITTLE_ENDIAN),
    recursionMisses: view.getBigUint64(PROGRAM_INFO.recursionMisses, LITTLE_ENDIAN),
  };
}
