import { LITTLE_ENDIAN } from './bytes.js';
import type { Machine } from './machine.js';
import { signalFrame } from './signal-frame-x64.js';

/**
 * Offsets in `struct user_regs_struct`, arch/x86/include/asm/user_64.h. The first fifteen registers are in the order
 * in which the routine pops them.
 */
const R15 = 0;
const RBX = 40;
const R10 = 56;
const R9 = 64;
const R8 = 72;
const RAX = 80;
const RDX = 96;
const RSI = 104;
const RDI = 112;
const ORIG_RAX = 120;
const RIP = 128;
const EFLAGS = 144;
const RSP = 152;
const POPPED_BYTES = 120;
/** Of a system call. */
const ARGUMENTS: readonly number[] = [RDI, RSI, RDX, R10, R8, R9];

/** Internal results with which the kernel restarts an interrupted call: include/linux/errno.h. */
const ERESTARTSYS = -512n;
const ERESTARTNOINTR = -513n;
const ERESTARTNOHAND = -514n;
const ERESTART_RESTARTBLOCK = -516n;
const NR_RESTART_SYSCALL = 219n;
const SYSCALL_LENGTH = 2n;
/** include/uapi/linux/elf.h */
const NT_X86_XSTATE = 0x202;
/** Bytes below the stack pointer that code may use: System V ABI, AMD64 supplement, 3.2.2. */
const RED_ZONE = 128n;

/** The routine works without a stack; the frame is: rip, rflags, fifteen registers, rsp. */
const ROUTINE_LOOP = [
  ...[0x48, 0x8b, 0x03], // loop: mov rax, [rbx]
  ...[0x48, 0x85, 0xc0], // test rax, rax
  ...[0x78, 0x24], // js end
  ...[0x48, 0x8b, 0x7b, 0x08], // mov rdi, [rbx+8]
  ...[0x48, 0x8b, 0x73, 0x10], // mov rsi, [rbx+16]
  ...[0x48, 0x8b, 0x53, 0x18], // mov rdx, [rbx+24]
  ...[0x4c, 0x8b, 0x53, 0x20], // mov r10, [rbx+32]
  ...[0x4c, 0x8b, 0x43, 0x28], // mov r8, [rbx+40]
  ...[0x4c, 0x8b, 0x4b, 0x30], // mov r9, [rbx+48]
  ...[0x0f, 0x05], // syscall
  ...[0x48, 0x89, 0x43, 0x38], // mov [rbx+56], rax
  ...[0x48, 0x83, 0xc3, 0x40], // add rbx, 64
  ...[0xeb, 0xd4], // jmp loop
];
const ROUTINE_END = [
  ...[0x4c, 0x89, 0xfc], // end: mov rsp, r15
  0x9d, // popfq
  ...[0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c], // pop r15, r14, r13, r12
  ...[0x5d, 0x5b], // pop rbp, rbx
  ...[0x41, 0x5b, 0x41, 0x5a, 0x41, 0x59, 0x41, 0x58], // pop r11, r10, r9, r8
  ...[0x58, 0x59, 0x5a, 0x5e, 0x5f], // pop rax, rcx, rdx, rsi, rdi
  0x5c, // pop rsp
  ...[0xff, 0x25], // jmp [rip+disp32]
];

/** x86-64. */
export const x64: Machine = {
  registerSetSize: 216,
  syscallInstruction: Uint8Array.of(0x0f, 0x05),
  instructionAlignment: 1,

  landing: {
    callAndReturn: Uint8Array.of(0x0f, 0x05, 0xc3), // syscall; ret
    sigreturn: Uint8Array.of(0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05), // mov rax, 15; syscall
  },
  stateSet: NT_X86_XSTATE,
  landingFrame: (registers, mask, state, sigreturn) =>
    signalFrame(afterRestart(registers), read(registers, RSP) - RED_ZONE, mask, state, sigreturn),
  // `ret` takes the first word of the frame, the address of rt_sigreturn.
  withLanding: (registers, { address }) => changed(registers, [RSP, address]),

  programCounter: (registers) => read(registers, RIP),
  withProgramCounter: (registers, address) => changed(registers, [RIP, address]),
  result: (registers) => Number(BigInt.asIntN(64, read(registers, RAX))),

  leftCall(registers) {
    const number = Number(BigInt.asIntN(64, read(registers, ORIG_RAX)));
    if (number < 0) return undefined;
    const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = ARGUMENTS.map((offset) =>
      read(registers, offset),
    );
    return { number, args: [a, b, c, d, e, f], result: Number(BigInt.asIntN(64, read(registers, RAX))) };
  },
  // ORIG_RAX -1: the kernel itself must not restart anything.
  repeatCall: (registers) =>
    changed(
      registers,
      [RIP, read(registers, RIP) - SYSCALL_LENGTH],
      [RAX, read(registers, ORIG_RAX)],
      [ORIG_RAX, -1],
    ),
  withArgument: (registers, index, value) => changed(registers, [ARGUMENTS[index] ?? RDI, value]),
  withResult: (registers, result) => changed(registers, [RAX, result], [ORIG_RAX, -1]),

  forCall: (registers, gadget, number, [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]) =>
    changed(
      registers,
      [RAX, number],
      [RDI, a],
      [RSI, b],
      [RDX, c],
      [R10, d],
      [R8, e],
      [R9, f],
      [RIP, gadget],
      // -1: not in a system call, so that the kernel does not restart the one that was interrupted.
      [ORIG_RAX, -1],
    ),

  routine(frameDistance) {
    const code = Uint8Array.from([...ROUTINE_LOOP, ...ROUTINE_END, 0, 0, 0, 0]);
    new DataView(code.buffer).setInt32(code.length - 4, frameDistance - code.length, true);
    return code;
  },

  forRoutine: (registers, code, table, frame) =>
    changed(registers, [RBX, table], [R15, frame + 8n], [RIP, code], [ORIG_RAX, -1]),

  frame(registers) {
    const resumed = afterRestart(registers);
    const bytes = new Uint8Array(16 + POPPED_BYTES + 8);
    bytes.set(resumed.subarray(RIP, RIP + 8));
    bytes.set(resumed.subarray(EFLAGS, EFLAGS + 8), 8);
    bytes.set(resumed.subarray(R15, R15 + POPPED_BYTES), 16);
    bytes.set(resumed.subarray(RSP, RSP + 8), 16 + POPPED_BYTES);
    return bytes;
  },
};

/** How the kernel restarts an interrupted call when no handler runs: arch_do_signal_or_restart(). */
function afterRestart(registers: Uint8Array): Uint8Array {
  const number = BigInt.asIntN(64, read(registers, ORIG_RAX));
  if (number < 0n) return registers;
  const again: [number, bigint] = [RIP, read(registers, RIP) - SYSCALL_LENGTH];
  switch (BigInt.asIntN(64, read(registers, RAX))) {
    case ERESTARTSYS:
    case ERESTARTNOINTR:
    case ERESTARTNOHAND:
      return changed(registers, again, [RAX, number]);
    case ERESTART_RESTARTBLOCK:
      return changed(registers, again, [RAX, NR_RESTART_SYSCALL]);
    default:
      return registers;
  }
}

function read(registers: Uint8Array, offset: number): bigint {
  return new DataView(registers.buffer, registers.byteOffset).getBigUint64(offset, LITTLE_ENDIAN);
}

function changed(registers: Uint8Array, ...fields: [offset: number, value: number | bigint][]): Uint8Array {
  const copy = registers.slice();
  const view = new DataView(copy.buffer);
  for (const [offset, value] of fields) {
    view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), LITTLE_ENDIAN);
  }
  return copy;
}
