import type { Register } from './register.js';

/**
 * One BPF instruction, 8 bytes: operation code u8, registers u8, offset s16, immediate s32. A 64-bit load immediate
 * takes two; here it is one object with `wide` set, and counts for 2 where jumps are measured.
 */
export interface Instruction {
  readonly code: number;
  readonly destination: Register;
  /** A register, or what a wide immediate means (`PSEUDO`). */
  readonly source: number;
  /** Jump distance in instruction slots, or memory offset in bytes. */
  readonly offset: number;
  /** 32 bits signed; 64 bits if `wide`. */
  readonly immediate: bigint;
  readonly wide: boolean;
  /** The map whose descriptor is written into the immediate when the program is loaded. */
  readonly map?: string;
  /** A comment for listings. */
  readonly comment?: string;
}

/** Slots that an instruction takes in a program. */
export function slots(instruction: Instruction): number {
  return instruction.wide ? 2 : 1;
}

/**
 * The machine code of a program, 8 bytes per slot, in the machine's byte order.
 *
 * @param mapFd descriptor for each map name the program refers to
 */
export function encodeProgram(
  instructions: readonly Instruction[],
  mapFd: (name: string) => number,
  littleEndian: boolean,
): Uint8Array {
  const length = instructions.reduce((sum, instruction) => sum + slots(instruction), 0);
  const bytes = new Uint8Array(length * 8);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const instruction of instructions) {
    const { code, destination, source, offset, wide } = instruction;
    // With a map, the low word is its descriptor and the high word the offset into its value.
    const immediate =
      instruction.map === undefined
        ? instruction.immediate
        : (instruction.immediate << 32n) | BigInt(mapFd(instruction.map));
    view.setUint8(at, code);
    view.setUint8(at + 1, littleEndian ? (source << 4) | destination : (destination << 4) | source);
    view.setInt16(at + 2, offset, littleEndian);
    view.setInt32(at + 4, Number(BigInt.asIntN(32, immediate)), littleEndian);
    if (wide) view.setInt32(at + 12, Number(BigInt.asIntN(32, immediate >> 32n)), littleEndian);
    at += slots(instruction) * 8;
  }
  return bytes;
}
