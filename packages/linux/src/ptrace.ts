import { LITTLE_ENDIAN, StructWriter } from './bytes.js';
import { syscall, trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/**
 * ptrace(2) for a tracer that uses PTRACE_SEIZE. Every call must come from the operating system thread that seized
 * (another thread gets ESRCH), and nothing here blocks. All functions throw SyscallError; ESRCH means that the thread
 * is gone or is not in a stop.
 *
 * Never trace a child of this Node process across a turn of the event loop: libuv waits for it and would swallow its stops.
 */

// Requests: include/uapi/linux/ptrace.h.
const PTRACE_CONT = 7;
const PTRACE_DETACH = 17;
const PTRACE_SYSCALL = 24;
const PTRACE_GETSIGINFO = 0x4202;
const PTRACE_GETREGSET = 0x4204;
const PTRACE_SETREGSET = 0x4205;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_GETSIGMASK = 0x420a;
const PTRACE_SETSIGMASK = 0x420b;
const PTRACE_GET_RSEQ_CONFIGURATION = 0x420f;

/** The general registers: include/uapi/linux/elf.h. */
const NT_PRSTATUS = 1;

/** Bit 7 of the signal distinguishes stops at system calls from SIGTRAP. */
export const PTRACE_O_TRACESYSGOOD = 1;
/** The thread stops after an exec, before the first instruction of the new program. */
export const PTRACE_O_TRACEEXEC = 1 << 4;
/**
 * The thread's seccomp filters do not apply to the calls that it is made to run. Linux 4.3,
 * CONFIG_CHECKPOINT_RESTORE.
 */
export const PTRACE_O_SUSPEND_SECCOMP = 1 << 21;

/** Becomes the tracer of a thread without stopping it. */
export function seize(tid: number, options: number): void {
  syscall(`ptrace(SEIZE, ${tid})`, SYS.ptrace, PTRACE_SEIZE, tid, 0, options);
}

/** Makes a seized thread stop (PTRACE_EVENT_STOP); a thread already in a stop stops once more when it is resumed. */
export function interrupt(tid: number): void {
  syscall(`ptrace(INTERRUPT, ${tid})`, SYS.ptrace, PTRACE_INTERRUPT, tid, 0, 0);
}

/** Lets a stopped thread run; a signal is delivered only from a signal-delivery stop. */
export function resume(tid: number, signal = 0): void {
  syscall(`ptrace(CONT, ${tid})`, SYS.ptrace, PTRACE_CONT, tid, 0, signal);
}

/** Lets a stopped thread run to the next beginning or end of a system call. */
export function resumeToSyscall(tid: number): void {
  syscall(`ptrace(SYSCALL, ${tid})`, SYS.ptrace, PTRACE_SYSCALL, tid, 0, 0);
}

/**
 * Stops being the tracer and lets the thread run; a job-control stop stays in effect. A signal is delivered only from
 * a signal-delivery stop.
 */
export function detach(tid: number, signal = 0): void {
  syscall(`ptrace(DETACH, ${tid})`, SYS.ptrace, PTRACE_DETACH, tid, 0, signal);
}

/**
 * Reads the general registers into `into`.
 *
 * @returns the number of bytes: a 32-bit thread has a shorter set than the machine's own
 */
export function getRegisterSet(tid: number, into: Uint8Array): number {
  return transferSet('GETREGSET', PTRACE_GETREGSET, tid, NT_PRSTATUS, into);
}

/** Writes the general registers. */
export function setRegisterSet(tid: number, from: Uint8Array): void {
  transferSet('SETREGSET', PTRACE_SETREGSET, tid, NT_PRSTATUS, from);
}

/** Reads the register set `set` into `into`; returns its size. */
export function getOtherSet(tid: number, set: number, into: Uint8Array): number {
  return transferSet('GETREGSET', PTRACE_GETREGSET, tid, set, into);
}

function transferSet(name: string, request: number, tid: number, set: number, bytes: Uint8Array): number {
  // struct iovec: base, length
  const iovec = new StructWriter(16).pointer(0, bytes).u64(8, bytes.length).bytes;
  syscall(`ptrace(${name}, ${tid})`, SYS.ptrace, request, tid, set, iovec);
  return Number(new DataView(iovec.buffer).getBigUint64(8, LITTLE_ENDIAN));
}

/** The si_code of the signal that a thread is about to receive: positive if the kernel itself sent it. */
export function getSignalCode(tid: number): number {
  // siginfo_t: si_signo, si_errno, si_code
  const info = new Uint8Array(128);
  syscall(`ptrace(GETSIGINFO, ${tid})`, SYS.ptrace, PTRACE_GETSIGINFO, tid, 0, info);
  return new DataView(info.buffer).getInt32(8, LITTLE_ENDIAN);
}

/** The set of blocked signals, bit N-1 for signal N. */
export function getSignalMask(tid: number): bigint {
  const mask = new BigUint64Array(1);
  syscall(`ptrace(GETSIGMASK, ${tid})`, SYS.ptrace, PTRACE_GETSIGMASK, tid, 8, new Uint8Array(mask.buffer));
  return mask[0] ?? 0n;
}

/** Replaces the set of blocked signals; SIGKILL and SIGSTOP cannot be blocked. */
export function setSignalMask(tid: number, mask: bigint): void {
  const bytes = new Uint8Array(new BigUint64Array([mask]).buffer);
  syscall(`ptrace(SETSIGMASK, ${tid})`, SYS.ptrace, PTRACE_SETSIGMASK, tid, 8, bytes);
}

/**
 * The address of the thread's `struct rseq`; 0n if it has none, or if the kernel (before 5.13) does not report it.
 * `struct ptrace_rseq_configuration` { u64 pointer, u32 size, u32 signature, u32 flags, u32 pad }.
 */
export function rseqAddress(tid: number): bigint {
  const bytes = new Uint8Array(24);
  const size = trySyscall(SYS.ptrace, PTRACE_GET_RSEQ_CONFIGURATION, tid, bytes.length, bytes);
  return size < bytes.length ? 0n : new DataView(bytes.buffer).getBigUint64(0, LITTLE_ENDIAN);
}
