import { LITTLE_ENDIAN, StructWriter } from './bytes.js';
import type { LandingFrame } from './machine.js';

/** [offset in `struct user_regs_struct`, offset in the frame] of each 64-bit register. */
const REGISTERS: readonly (readonly [number, number])[] = [
  [72, 48], // r8
  [64, 56],
  [56, 64],
  [48, 72],
  [24, 80], // r12
  [16, 88],
  [8, 96],
  [0, 104], // r15
  [112, 112], // rdi
  [104, 120], // rsi
  [32, 128], // rbp
  [40, 136], // rbx
  [96, 144], // rdx
  [80, 152], // rax
  [88, 160], // rcx
  [152, 168], // rsp
  [128, 176], // rip
  [144, 184], // eflags
];
const USER_CS = 136;
const USER_SS = 160;

// `struct rt_sigframe`: the return address, `struct ucontext` at 8, its mcontext at 48, its mask at 304.
const UC_FLAGS = 8;
const CS = 192;
const SS = 198;
const FPSTATE = 232;
const SIGMASK = 304;
/** The floating point state lies here, aligned for XRSTOR. */
const STATE = 448;
/** UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS: arch/x86/include/uapi/asm/ucontext.h */
const FLAGS = 7;

// `struct _fpx_sw_bytes` at 464 of the state, arch/x86/include/uapi/asm/sigcontext.h; NT_X86_XSTATE has the mask of
// features in its first word.
const SW_BYTES = 464;
const SW_END = 512;
const FP_XSTATE_MAGIC1 = 0x46505853;
const FP_XSTATE_MAGIC2 = 0x46505845;

/**
 * The frame from which rt_sigreturn restores a thread, as arch/x86/kernel/signal_64.c reads it. `below` is the address
 * under which it has to end; its first word leads to an rt_sigreturn.
 */
export function signalFrame(
  registers: Uint8Array,
  below: bigint,
  mask: bigint,
  state: Uint8Array,
  sigreturn: bigint,
): LandingFrame {
  const size = STATE + state.length + 8;
  const address = (below - BigInt(size)) & ~63n;
  const frame = new StructWriter(size).u64(0, sigreturn).u64(UC_FLAGS, FLAGS).u64(SIGMASK, mask);
  const user = new DataView(registers.buffer, registers.byteOffset);
  for (const [from, to] of REGISTERS) frame.u64(to, user.getBigUint64(from, LITTLE_ENDIAN));
  frame.bytes.set(registers.subarray(USER_CS, USER_CS + 2), CS);
  frame.bytes.set(registers.subarray(USER_SS, USER_SS + 2), SS);
  frame.u64(FPSTATE, address + BigInt(STATE));
  frame.bytes.set(state, STATE);
  const features = new DataView(state.buffer, state.byteOffset).getBigUint64(SW_BYTES, LITTLE_ENDIAN);
  frame.bytes.fill(0, STATE + SW_BYTES, STATE + SW_END);
  frame
    .u32(STATE + SW_BYTES, FP_XSTATE_MAGIC1)
    .u32(STATE + SW_BYTES + 4, state.length + 4)
    .u64(STATE + SW_BYTES + 8, features)
    .u32(STATE + SW_BYTES + 16, state.length)
    .u32(STATE + state.length, FP_XSTATE_MAGIC2);
  return { address, bytes: frame.bytes };
}
