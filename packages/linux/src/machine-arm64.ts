import { StructWriter } from './bytes.js';
import type { Machine } from './machine.js';

/** Offsets in `struct user_pt_regs`, arch/arm64/include/uapi/asm/ptrace.h: x0 to x30, sp, pc, pstate. */
const X = (number: number) => number * 8;
const SP = 248;
const PC = 256;
const PSTATE = 264;
const SIZE = 272;

/**
 * The frame that rt_sigreturn reads, arch/arm64/kernel/signal.c and uapi/asm/sigcontext.h: siginfo (128), then
 * ucontext with its mask at 40 and its mcontext at 176: fault address, registers at 8, records at 288.
 */
const UCONTEXT = 128;
const SIGMASK = UCONTEXT + 40;
const MCONTEXT = UCONTEXT + 176;
const RECORDS = MCONTEXT + 288;
const RECORDS_SIZE = 4096;
const FPSIMD_MAGIC = 0x46508001;
const FPSIMD_SIZE = 528;
const VECTORS_SIZE = 512;

const RT_SIGRETURN = 139;
const TABLE = 19;
const FRAME = 20;
const LINK = 30;
/** include/uapi/linux/elf.h */
const NT_PRFPREG = 2;

/** AArch64. The kernel itself rewinds an interrupted call before a tracer sees it, so frames need no restart. */
export const arm64: Machine = {
  registerSetSize: SIZE,
  syscallInstruction: words(svc()),
  instructionAlignment: 4,

  landing: { callAndReturn: words(svc(), ret()), sigreturn: words(moveImmediate(8, RT_SIGRETURN), svc()) },
  stateSet: NT_PRFPREG,
  landingFrame(registers, mask, state) {
    const bytes = sigreturnFrame(registers, mask, state);
    const stack = new DataView(registers.buffer, registers.byteOffset).getBigUint64(SP, true);
    return { address: (stack - BigInt(bytes.length)) & ~15n, bytes };
  },
  withLanding: (registers, { address }, sigreturn) => changed(registers, [SP, address], [X(LINK), sigreturn]),

  programCounter: (registers) => new DataView(registers.buffer, registers.byteOffset).getBigUint64(PC, true),
  withProgramCounter: (registers, address) => changed(registers, [PC, address]),
  result: (registers) => Number(new DataView(registers.buffer, registers.byteOffset).getBigInt64(X(0), true)),
  leftCall: () => undefined,
  repeatCall: (registers) => registers,
  withArgument: (registers, index, value) => changed(registers, [X(index), value]),
  withResult: (registers, result) => changed(registers, [X(0), result]),

  forCall: (registers, gadget, number, args) =>
    changed(
      registers,
      ...Array.from({ length: 6 }, (_, index): [number, number | bigint] => [X(index), args[index] ?? 0]),
      [X(8), number],
      [PC, gadget],
    ),

  // Jumping to an arbitrary address would lose a register: rt_sigreturn restores all of them.
  routine: () =>
    words(
      load(8, TABLE, 0),
      branchIfNegative(8, 8),
      loadPair(0, 1, TABLE, 8),
      loadPair(2, 3, TABLE, 24),
      loadPair(4, 5, TABLE, 40),
      svc(),
      store(0, TABLE, 56),
      addImmediate(TABLE, TABLE, 64),
      branch(-8),
      addImmediate(31, FRAME, 0),
      moveImmediate(8, RT_SIGRETURN),
      svc(),
    ),

  forRoutine: (registers, code, table, frame) =>
    changed(registers, [X(TABLE), table], [X(FRAME), frame], [PC, code]),

  frame: sigreturnFrame,
};

function sigreturnFrame(registers: Uint8Array, mask: bigint, floats: Uint8Array): Uint8Array {
  const frame = new StructWriter(RECORDS + RECORDS_SIZE).u64(SIGMASK, mask);
  frame.bytes.set(registers.subarray(0, PSTATE + 8), MCONTEXT + 8);
  // struct fpsimd_context has fpsr and fpcr before the vectors, struct user_fpsimd_state after them.
  frame.u32(RECORDS, FPSIMD_MAGIC).u32(RECORDS + 4, FPSIMD_SIZE);
  frame.bytes.set(floats.subarray(VECTORS_SIZE, VECTORS_SIZE + 8), RECORDS + 8);
  frame.bytes.set(floats.subarray(0, VECTORS_SIZE), RECORDS + 16);
  return frame.bytes;
}

// Instruction encodings: Arm Architecture Reference Manual for A-profile, C6.2. Register 31 is sp in `add`.

/** ldr Xt, [Xn, #offset] */
function load(to: number, base: number, offset: number): number {
  return 0xf9400000 | ((offset / 8) << 10) | (base << 5) | to;
}

/** str Xt, [Xn, #offset] */
function store(from: number, base: number, offset: number): number {
  return 0xf9000000 | ((offset / 8) << 10) | (base << 5) | from;
}

/** ldp Xt1, Xt2, [Xn, #offset] */
function loadPair(first: number, second: number, base: number, offset: number): number {
  return 0xa9400000 | ((offset / 8) << 15) | (second << 10) | (base << 5) | first;
}

/** tbnz Xt, #63, instructions ahead */
function branchIfNegative(register: number, distance: number): number {
  return 0xb7000000 | (31 << 19) | (distance << 5) | register;
}

/** add Xd, Xn, #value */
function addImmediate(to: number, from: number, value: number): number {
  return 0x91000000 | (value << 10) | (from << 5) | to;
}

/** movz Xd, #value */
function moveImmediate(to: number, value: number): number {
  return 0xd2800000 | (value << 5) | to;
}

/** b, instructions ahead or back */
function branch(distance: number): number {
  return 0x14000000 | (distance & 0x03ffffff);
}

/** ret: to the link register, x30 */
function ret(): number {
  return 0xd65f03c0;
}

/** svc #0 */
function svc(): number {
  return 0xd4000001;
}

/** Instructions are little-endian in memory whatever the data order. */
function words(...instructions: number[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 4);
  const view = new DataView(bytes.buffer);
  instructions.forEach((instruction, index) => void view.setUint32(index * 4, instruction >>> 0, true));
  return bytes;
}

function changed(registers: Uint8Array, ...fields: [offset: number, value: number | bigint][]): Uint8Array {
  const copy = registers.slice();
  const view = new DataView(copy.buffer);
  for (const [offset, value] of fields) view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
  return copy;
}
