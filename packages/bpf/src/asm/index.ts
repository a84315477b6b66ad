export { HELPER, type HelperName } from './bpf-helper.js';
export { type Label, ProgramBuilder } from './builder.js';
export { disassemble } from './disassemble.js';
export { encodeProgram, type Instruction } from './instruction.js';
export type { AluOperation, JumpCondition, Width } from './opcode.js';
export { FP, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, type Register } from './register.js';
