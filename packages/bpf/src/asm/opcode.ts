/**
 * The parts of a BPF operation code.
 * Source: include/uapi/linux/bpf_common.h, include/uapi/linux/bpf.h;
 * Documentation/bpf/standardization/instruction-set.rst.
 */
export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;

/** Bit 3 of arithmetic and jumps: the second operand is a register (X) or the immediate (K). */
export const SOURCE_REGISTER = 0x08;

/** Width of a memory access, bits 3-4. */
export const WIDTH = { u32: 0x00, u16: 0x08, u8: 0x10, u64: 0x18 } as const;
export type Width = keyof typeof WIDTH;

/** Mode of a memory access, bits 5-7. */
export const MODE = { imm: 0x00, mem: 0x60, atomic: 0xc0 } as const;

export const ALU = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  lsh: 0x60,
  rsh: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  arsh: 0xc0,
} as const;
export type AluOperation = keyof typeof ALU;

/** Conditions of a jump; those with `s` compare signed. */
export const JUMP = {
  eq: 0x10,
  gt: 0x20,
  ge: 0x30,
  set: 0x40,
  ne: 0x50,
  sgt: 0x60,
  sge: 0x70,
  lt: 0xa0,
  le: 0xb0,
  slt: 0xc0,
  sle: 0xd0,
} as const;
export type JumpCondition = keyof typeof JUMP;

export const JUMP_ALWAYS = 0x00;
export const CALL = 0x80;
export const EXIT = 0x90;

/** Meaning of a 64-bit load immediate, in its source register field (BPF_PSEUDO_*). */
export const PSEUDO = { number: 0, mapFd: 1, mapValue: 2, btfId: 3 } as const;

/** `BPF_FETCH`: an atomic operation also returns the old value. */
export const ATOMIC_FETCH = 0x01;
