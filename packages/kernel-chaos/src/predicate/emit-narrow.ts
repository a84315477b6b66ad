import type { ProgramBuilder, Register } from '@ordeal/bpf';
import type { ScalarType } from './ctype.js';

/** Brings a register into the range of a type: high bits are dropped and replaced by zeros or the sign. */
export function emitNarrow(builder: ProgramBuilder, register: Register, type: ScalarType): void {
  if (type.kind === 'pointer' || type.size === 8) return;
  if (type.signed) {
    const unused = 64 - type.size * 8;
    builder.aluImmediate('lsh', register, unused).aluImmediate('arsh', register, unused);
  } else if (type.size === 4) builder.alu32('mov', register, register);
  else builder.aluImmediate('and', register, type.size === 2 ? 0xffff : 0xff);
}

/** 1 for anything but 0. */
export function emitTruth(builder: ProgramBuilder, register: Register): void {
  const end = builder.label('truth');
  builder.jumpImmediate('eq', register, 0, end).constant(register, 1).place(end);
}
