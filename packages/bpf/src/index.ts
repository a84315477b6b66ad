export { HELPER, type HelperName } from './asm/bpf-helper.js';
export { type Label, ProgramBuilder } from './asm/builder.js';
export { disassemble } from './asm/disassemble.js';
export { encodeProgram, type Instruction } from './asm/instruction.js';
export type { AluOperation, JumpCondition, Width } from './asm/opcode.js';
export { FP, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, type Register } from './asm/register.js';
export { Btf } from './btf/btf.js';
export { formatParameters, formatType } from './btf/format.js';
export { findFunction, formatFunction, type KernelFunction, listFunctions } from './btf/functions.js';
export {
  type FoundMember,
  findMember,
  hasMember,
  memberNames,
  offsetOf,
  resolve,
  sizeOf,
} from './btf/layout.js';
export type {
  BtfComposite,
  BtfEnum,
  BtfFuncProto,
  BtfInt,
  BtfKindName,
  BtfMember,
  BtfType,
} from './btf/type.js';
export { attachProgram } from './object/link.js';
export { BpfMap, type MapSpec, u32Key } from './object/map.js';
export { type Attachment, type LoadedProgram, loadProgram, type ProgramSpec } from './object/program.js';
export { type ProgramInfo, readProgramInfo } from './object/program-info.js';
export { RingBuffer } from './object/ring-buffer.js';
export { VerifierError } from './object/verifier-error.js';
