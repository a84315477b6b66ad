import { arch } from 'node:process';
import { arm64 } from './machine-arm64.js';
import { x64 } from './machine-x64.js';

/**
 * The differences between architectures when a stopped thread is made to run system calls. All register arguments are
 * whole NT_PRSTATUS sets, and none is changed in place.
 */
export interface Machine {
  /** Bytes of the NT_PRSTATUS set of a thread in the machine's own mode; a 32-bit thread has another size. */
  readonly registerSetSize: number;
  /** The instruction that enters the kernel, and its alignment. */
  readonly syscallInstruction: Uint8Array;
  readonly instructionAlignment: number;
  programCounter(registers: Uint8Array): bigint;
  withProgramCounter(registers: Uint8Array, address: bigint): Uint8Array;
  /** Registers with which the syscall instruction at `gadget` makes one call. */
  forCall(
    registers: Uint8Array,
    gadget: bigint,
    number: number,
    args: readonly (number | bigint)[],
  ): Uint8Array;
  /**
   * Restores all registers if the tracer dies in the middle of a call: the call is made by an instruction that is
   * followed by a return, which leads to an rt_sigreturn with a frame that holds all registers.
   */
  readonly landing: LandingPatterns;
  /** The regset (include/uapi/linux/elf.h) with the floating point and vector registers that a frame holds. */
  readonly stateSet: number;
  /** Lays out such a frame below the stack that the thread uses. */
  landingFrame(registers: Uint8Array, mask: bigint, state: Uint8Array, sigreturn: bigint): LandingFrame;
  /** Registers of {@link Machine.forCall} with which the return after the call finds the frame. */
  withLanding(registers: Uint8Array, frame: LandingFrame, sigreturn: bigint): Uint8Array;
  /** What a call returned. */
  result(registers: Uint8Array): number;
  /**
   * The system call that a thread is just leaving; `undefined` if there is none. On arm64 always: the kernel no
   * longer has its first argument.
   */
  leftCall(registers: Uint8Array): LeftCall | undefined;
  /** Registers that repeat it. */
  repeatCall(registers: Uint8Array): Uint8Array;
  /** Registers with another argument of it, counted from 0. */
  withArgument(registers: Uint8Array, index: number, value: bigint): Uint8Array;
  /** Registers with another result of it. */
  withResult(registers: Uint8Array, result: number): Uint8Array;
  /**
   * Code that makes the calls of a table (entries of {@link CALL_SIZE}: number, six arguments, room for the result)
   * until a negative number, then restores every register from a frame and continues where the thread was. The frame
   * is `frameDistance` after the start of the code.
   */
  routine(frameDistance: number): Uint8Array;
  /** Registers that start the routine. */
  forRoutine(registers: Uint8Array, code: bigint, table: bigint, frame: bigint): Uint8Array;
  /** The frame: `registers` as they were when the thread stopped, its signal mask and its {@link Machine.stateSet}. */
  frame(registers: Uint8Array, mask: bigint, state: Uint8Array): Uint8Array;
}

/** A system call and its result: `-errno` for errors. */
export interface LeftCall {
  readonly number: number;
  readonly args: readonly [bigint, bigint, bigint, bigint, bigint, bigint];
  readonly result: number;
}

/** Instruction sequences, whole. */
export interface LandingPatterns {
  readonly callAndReturn: Uint8Array;
  readonly sigreturn: Uint8Array;
}

/** A signal frame for the memory of a thread. */
export interface LandingFrame {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** Bytes of one entry of a routine's table; the result is the last eight. */
export const CALL_SIZE = 64;

/** The architecture that this runs on. */
export const machine: Machine = arch === 'arm64' ? arm64 : x64;
