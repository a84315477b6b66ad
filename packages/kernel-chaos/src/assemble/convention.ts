import { FP, hasMember, offsetOf, type ProgramBuilder, R1, R2, R3, R6, type Register } from '@ordeal/bpf';
import type { KernelFacts } from '../kernel-facts.js';

/** How the programs hook in: by BPF trampolines, or by kprobes. */
export type Mechanism = 'fmod_ret' | 'kprobe';

/**
 * What differs between the two ways to hook in. All programs keep their context pointer in R6.
 */
export interface Convention {
  readonly mechanism: Mechanism;
  /**
   * Loads argument `index` of the hooked function, 64 bits, into `destination`: an integer or a pointer to a struct.
   */
  loadArgument(builder: ProgramBuilder, destination: Register, index: number): void;
  /** Loads an argument of any type, as a plain number. R0 to R5 are lost. */
  loadPlainArgument(builder: ProgramBuilder, destination: Register, index: number): void;
  /**
   * Loads a number for the depth of the hooked function's activation on the thread's stack: an active caller
   * has a larger one than its callees, and an activation has the same number at entry and at return.
   */
  loadDepth(builder: ProgramBuilder, destination: Register, at: 'entry' | 'return'): void;
}

/** The convention of a mechanism on one kernel. @throws OrdealError ORD-403 if pt_regs is not as expected */
export function conventionOf(mechanism: Mechanism, facts: KernelFacts): Convention {
  return mechanism === 'fmod_ret' ? TRAMPOLINE : kprobeConvention(facts);
}

/**
 * A trampoline hands over the address of the saved arguments. They lie in the trampoline's own frame, on the thread's
 * stack, and entry and return of one activation share it (arch_prepare_bpf_trampoline), so the address is the depth.
 */
const TRAMPOLINE: Convention = {
  mechanism: 'fmod_ret',
  loadArgument: (builder, destination, index) => builder.load('u64', destination, R6, 8 * index),
  // The verifier lets no program load a pointer to a function or an array, and gives other pointers types that forbid
  // arithmetic; copied by a helper, an argument is a number.
  loadPlainArgument: (builder, destination, index) => {
    builder.mov(R1, FP).aluImmediate('add', R1, ARGUMENT).constant(R2, 8);
    builder
      .mov(R3, R6)
      .aluImmediate('add', R3, 8 * index)
      .call('probe_read_kernel');
    builder.load('u64', destination, FP, ARGUMENT);
  },
  loadDepth: (builder, destination) => builder.mov(destination, R6),
};

/** Stack slot that an argument is copied to. */
const ARGUMENT = -32;

/** Registers of the first arguments: x86-64 psABI; on arm64 x0 to x7 (AAPCS64), which pt_regs begins with. */
const X64_ARGUMENTS = ['di', 'si', 'dx', 'cx', 'r8', 'r9'];
const ARM64_ARGUMENTS = 8;

/**
 * A kprobe hands over the registers. On x86-64 the return address was popped when the return probe runs
 * (arch_rethook_trampoline_callback), so its stack pointer is 8 above that of the entry.
 */
function kprobeConvention({ btf, arch }: KernelFacts): Convention {
  // Since 6.9 x86 names the stack pointer inside a union, the offset is the same.
  const stackPointer = offsetOf(btf, 'pt_regs', hasMember(btf, 'pt_regs', 'sp') ? 'sp' : 'user_regs.sp');
  const popped = arch === 'x64' ? 8 : 0;
  const inRegisters = arch === 'x64' ? X64_ARGUMENTS.length : ARM64_ARGUMENTS;
  const argumentOffset = (index: number) =>
    arch === 'x64' ? offsetOf(btf, 'pt_regs', X64_ARGUMENTS[index] ?? `argument ${index}`) : 8 * index;
  const loadArgument = (builder: ProgramBuilder, destination: Register, index: number) => {
    builder.load('u64', destination, R6, argumentOffset(index));
  };
  return {
    mechanism: 'kprobe',
    loadArgument,
    loadPlainArgument: (builder, destination, index) => {
      if (index < inRegisters) {
        loadArgument(builder, destination, index);
        return;
      }
      // Later arguments are on the stack, on x86-64 above the return address.
      builder.mov(R1, FP).aluImmediate('add', R1, ARGUMENT).constant(R2, 8);
      builder.load('u64', R3, R6, stackPointer).aluImmediate('add', R3, popped + 8 * (index - inRegisters));
      builder.call('probe_read_kernel').load('u64', destination, FP, ARGUMENT);
    },
    loadDepth: (builder, destination, at) => {
      builder.load('u64', destination, R6, stackPointer);
      if (at === 'return' && popped) builder.aluImmediate('sub', destination, popped);
    },
  };
}
