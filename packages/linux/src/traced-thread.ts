import { readFileSync } from 'node:fs';
import { ERRNO, OrdealError } from '@ordeal/diagnostics';
import type { KernelEntry } from './kernel-entry.js';
import { type OwnState, releaseWhenStopped, restore, restoreAtStop } from './late-release.js';
import { type LeftCall, machine } from './machine.js';
import { writeMemory } from './process-memory.js';
import {
  detach,
  getOtherSet,
  getRegisterSet,
  getSignalCode,
  getSignalMask,
  interrupt,
  PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_O_TRACESYSGOOD,
  resume,
  resumeToSyscall,
  seize,
  setRegisterSet,
  setSignalMask,
} from './ptrace.js';
import { abortRestartableSequence } from './restartable-sequence.js';
import { SyscallError } from './syscall-error.js';
import { pollEvent, pollUntil, type TraceEvent } from './wait-status.js';

/** Every signal. What cannot be blocked, SIGKILL and SIGSTOP, the kernel leaves out by itself. */
const ALL_SIGNALS = (1n << 64n) - 1n;
const SIGSTOP = 19;
/** On x86-64 and arm64. */
const SIGBUS = 7;
/** More than the vector registers of any processor so far (AMX tiles: 8 KiB). */
const STATE_SIZE = 16384;
/** Kept: many KiB for each call would have garbage collected while a process stands still. */
const stateBuffer = new Uint8Array(STATE_SIZE);
/** A call made inside another process may have to wait for the server of a file system. */
const CALL_TIMEOUT_MS = 5000;
/** An interruptible call returns at once; the time is for a busy machine. */
const INTERRUPT_TIMEOUT_MS = 1000;

/** The thread ended while it was traced. */
export class ThreadGone extends Error {
  readonly tid: number;

  constructor(tid: number) {
    super(`thread ${tid} ended`);
    this.name = 'ThreadGone';
    this.tid = tid;
  }
}

/** A system call that is repeated or was completed, and the registers at its exit. */
export interface RepeatedCall extends LeftCall {
  readonly registers: Uint8Array;
}

/** Seizes a thread so that no seccomp filter applies to the calls that it is made to run. */
function seizeUnjudged(tid: number): void {
  try {
    seize(tid, PTRACE_O_TRACESYSGOOD | PTRACE_O_SUSPEND_SECCOMP);
    return;
  } catch (error) {
    // EINVAL: no CONFIG_CHECKPOINT_RESTORE. If this process itself is under a filter, the error is EPERM, which
    // otherwise means that the thread may not be traced.
    const unable =
      error instanceof SyscallError &&
      (error.errno === ERRNO.EINVAL || (error.errno === ERRNO.EPERM && isSealed('self')));
    if (!unable) throw error;
  }
  if (isSealed(tid)) {
    throw new OrdealError('ORD-751', `thread ${tid} is under seccomp, which cannot be suspended here`);
  }
  seize(tid, PTRACE_O_TRACESYSGOOD);
}

/** Whether a seccomp filter or strict mode is in force. */
function isSealed(tid: number | 'self'): boolean {
  try {
    return !/^Seccomp:\s*0$/m.test(readFileSync(`/proc/${tid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

/**
 * One thread of another process, traced by the operating system thread that attached it. While it is stopped its
 * registers and signal mask are unchanged, except during a call: so if the tracer dies, it continues as if nothing
 * had happened. The caller that attached it calls {@link TracedThread.release}.
 */
export class TracedThread {
  readonly tid: number;
  #released = false;
  #stopped = false;
  #outOfSequence = false;
  /** The state to restore when it stops, because a call did not return in time. */
  #owed: OwnState | undefined;
  /** A SIGSTOP that came during a call: it cannot be blocked, so it is held back and sent again. */
  stopHeldBack = false;
  /** What it was doing when it stopped and will repeat: see {@link TracedThread.awaitStop}. */
  repeated: RepeatedCall | undefined;
  /** The call that it had just left with a positive result, if calls are to be repeated. */
  completed: RepeatedCall | undefined;

  private constructor(tid: number) {
    this.tid = tid;
  }

  /**
   * Starts to trace a thread, which keeps running.
   *
   * @returns `undefined` if the thread has ended
   * @throws SyscallError EPERM: traced by another process, or forbidden; OrdealError ORD-751: a seccomp filter would
   * apply to its calls, because this kernel has no CONFIG_CHECKPOINT_RESTORE
   */
  static attach(tid: number): TracedThread | undefined {
    try {
      seizeUnjudged(tid);
    } catch (error) {
      if (error instanceof SyscallError && error.errno === ERRNO.ESRCH) return undefined;
      throw error;
    }
    return new TracedThread(tid);
  }

  /** Asks the thread to stop; {@link TracedThread.awaitStop} waits for it. */
  requestStop(): void {
    this.#unlessGone(() => interrupt(this.tid));
  }

  /**
   * Waits until the thread is in a stop other than signal delivery: a pending signal is delivered first, so that the
   * thread's registers are then those of the handler's first instruction. If a call is to be repeated, the signal
   * stays pending instead: its handler runs when the thread continues, and returns to the call or to its result.
   *
   * @param repeat a system call that it leaves with one of these errno is repeated when it continues, and so is a
   * memory access for which it would get SIGBUS: both were refused by what is replaced while it is stopped
   * @returns `false` when `deadline` (of `performance.now()`) passes first
   * @throws ThreadGone
   */
  awaitStop(deadline: number, repeat: readonly number[] = []): boolean {
    for (;;) {
      const event = this.#next(deadline);
      if (event === undefined) return false;
      if (repeat.length > 0) this.#repeatCall(repeat);
      this.#unblock();
      if (event.kind === 'event-stop') {
        if (repeat.length === 0 || !this.#awaitsBusError()) return true;
        // Without another stop in between, the signal is delivered next.
        this.#resume(0);
        continue;
      }
      this.#unlessGone(() => interrupt(this.tid));
      const isFault = repeat.length > 0 && event.kind === 'signal' && this.#isBusFault(event.signal);
      if (this.repeated) this.#block();
      this.#resume(event.kind === 'signal' && !isFault ? event.signal : 0);
    }
  }

  /** A signal that is delivered when it is blocked becomes pending again: ptrace_signal(), kernel/signal.c. */
  #block(): void {
    this.#unlessGone(() => {
      this.#owed = { registers: this.registers(), mask: getSignalMask(this.tid) };
      setSignalMask(this.tid, ALL_SIGNALS);
    });
  }

  #unblock(): void {
    const owed = this.#owed;
    if (owed) this.#unlessGone(() => setSignalMask(this.tid, owed.mask));
    this.#owed = undefined;
  }

  #repeatCall(repeat: readonly number[]): void {
    this.completed = undefined;
    const registers = this.registers();
    if (registers.length !== machine.registerSetSize) return;
    const call = machine.leftCall(registers);
    if (call !== undefined && call.result > 0) this.completed = { ...call, registers };
    if (call === undefined || !repeat.includes(-call.result)) return;
    this.repeated = { ...call, registers };
    this.setRegisters(machine.repeatCall(registers));
  }

  /** Sets a result for the call, instead of repeating it. */
  answerRepeated(result: number): void {
    if (this.repeated) this.setRegisters(machine.withResult(this.repeated.registers, result));
    this.repeated = undefined;
  }

  /** Changes the result of the call that it had just left. */
  answerCompleted(result: number): void {
    if (this.completed) this.setRegisters(machine.withResult(this.completed.registers, result));
    this.completed = undefined;
  }

  /** Changes an argument of the call that will be repeated; the register keeps the new value. @param index from 0 */
  changeRepeated(index: number, value: bigint): void {
    if (this.repeated) this.setRegisters(machine.withArgument(this.registers(), index, value));
  }

  #isBusFault(signal: number): boolean {
    return signal === SIGBUS && this.#unlessGone(() => getSignalCode(this.tid)) > 0;
  }

  /** SigPnd and SigBlk of man 5 proc_pid_status; a fault's signal is never blocked. */
  #awaitsBusError(): boolean {
    try {
      const status = readFileSync(`/proc/${this.tid}/status`, 'latin1');
      const set = (name: string) =>
        BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '0'}`);
      return (set('SigPnd') & ~set('SigBlk') & (1n << BigInt(SIGBUS - 1))) !== 0n;
    } catch {
      return false;
    }
  }

  /** The general registers of the stopped thread; shorter than the machine's own set for a 32-bit thread. */
  registers(): Uint8Array {
    return this.#unlessGone(() => {
      const bytes = new Uint8Array(machine.registerSetSize);
      return bytes.subarray(0, getRegisterSet(this.tid, bytes));
    });
  }

  /** Replaces the general registers of the stopped thread. */
  setRegisters(registers: Uint8Array): void {
    this.#unlessGone(() => setRegisterSet(this.tid, registers));
  }

  /** The floating point and vector registers of the stopped thread, as {@link Machine.stateSet}. */
  state(): Uint8Array {
    return this.#unlessGone(() => {
      return stateBuffer.slice(0, getOtherSet(this.tid, machine.stateSet, stateBuffer));
    });
  }

  /**
   * Runs `body` with other registers and all signals blocked, then restores registers and mask. The order ensures
   * that the thread, if it is released at any moment, has either its own registers and mask or those with which it
   * restores them.
   *
   * A thread that `body` leaves running is interrupted. If that fails, its registers and mask are restored when it
   * stops, after {@link TracedThread.release}; {@link allThreadsRestored} resolves then.
   *
   * @param prepare makes the registers, from its own and its mask
   * @param isHome see {@link OwnState.isHome}
   * @throws ThreadGone; OrdealError ORD-752 if an earlier call has not returned; and whatever `body` throws
   */
  borrow<Result>(
    prepare: (registers: Uint8Array, mask: bigint) => Uint8Array,
    body: () => Result,
    isHome?: OwnState['isHome'],
  ): Result {
    if (this.#owed) throw this.#stuck('has not come back from an earlier call');
    this.#leaveSequence();
    const registers = this.registers();
    const mask = this.#unlessGone(() => getSignalMask(this.tid));
    this.#unlessGone(() => setRegisterSet(this.tid, prepare(registers, mask)));
    try {
      this.#unlessGone(() => setSignalMask(this.tid, ALL_SIGNALS));
      return body();
    } finally {
      this.#ignoringGone(() => this.#restore({ registers, mask, isHome }));
    }
  }

  /** Once is enough: until it is released, the thread does not run its own code. */
  #leaveSequence(): void {
    if (this.#outOfSequence) return;
    abortRestartableSequence(this);
    this.#outOfSequence = true;
  }

  #restore(own: OwnState): void {
    if (this.#stopped) {
      restore(this.tid, own);
      return;
    }
    interrupt(this.tid);
    const deadline = performance.now() + INTERRUPT_TIMEOUT_MS;
    for (let event = this.#next(deadline); event !== undefined; event = this.#next(deadline)) {
      if (event.kind === 'signal' && event.signal === SIGSTOP) this.stopHeldBack = true;
      if (restoreAtStop(this.tid, own, event)) return;
      this.#stopped = false;
    }
    this.#owed = own;
  }

  /**
   * Makes the stopped thread run one system call, and leaves it stopped as it was.
   *
   * @returns the result, or `-errno`
   * @throws ThreadGone; OrdealError ORD-752 if the call does not return
   */
  call(entry: KernelEntry, number: number, args: readonly (number | bigint)[]): number {
    const result = this.borrow(
      (registers, mask) => this.#forCall(entry, registers, mask, number, args),
      () => {
        this.#toSyscallStop();
        this.#toSyscallStop();
        return machine.result(this.registers());
      },
    );
    this.settle();
    return result;
  }

  #forCall(
    { gadget, landing, stack }: KernelEntry,
    registers: Uint8Array,
    mask: bigint,
    number: number,
    args: readonly (number | bigint)[],
  ): Uint8Array {
    if (!landing || !stack) return machine.forCall(registers, gadget, number, args);
    const frame = machine.landingFrame(registers, mask, this.state(), landing.sigreturn);
    const end = frame.address + BigInt(frame.bytes.length);
    // Only on the stack that the kernel created is the memory below certainly unused.
    if (frame.address < stack.start || end > stack.end)
      return machine.forCall(registers, gadget, number, args);
    writeMemory(this.tid, frame.address, frame.bytes);
    const call = machine.forCall(registers, landing.callAndReturn, number, args);
    return machine.withLanding(call, frame, landing.sigreturn);
  }

  /** Brings the thread, with its own registers set, into a stop from which the kernel restarts interrupted calls. */
  settle(): void {
    this.#unlessGone(() => interrupt(this.tid));
    this.#resume(0);
    if (!this.awaitStop(performance.now() + CALL_TIMEOUT_MS)) throw this.#stuck('does not stop again');
  }

  /** Lets the thread run with the registers it has now, until {@link TracedThread.requestStop}. */
  run(): void {
    this.#resume(0);
  }

  /** Handles what a running thread may report: a SIGSTOP, the end of a job-control stop. @throws ThreadGone */
  pump(): void {
    const event = this.#checked(pollEvent(this.tid));
    if (event === undefined) return;
    this.#holdBack(event);
    this.run();
  }

  /** Releases the thread: now if it is stopped with its own registers, otherwise as soon as it stops. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (this.#stopped) this.#ignoringGone(() => detach(this.tid));
    else releaseWhenStopped(this.tid, this.#owed);
  }

  #toSyscallStop(): void {
    this.#resumeToSyscall();
    const deadline = performance.now() + CALL_TIMEOUT_MS;
    for (;;) {
      const event = this.#next(deadline);
      if (event === undefined) throw this.#stuck('does not come back from a call');
      if (event.kind === 'syscall') return;
      this.#holdBack(event);
      this.#resumeToSyscall();
    }
  }

  #resume(signal: number): void {
    this.#unlessGone(() => resume(this.tid, signal));
    this.#stopped = false;
  }

  #resumeToSyscall(): void {
    this.#unlessGone(() => resumeToSyscall(this.tid));
    this.#stopped = false;
  }

  #holdBack(event: TraceEvent): void {
    if (event.kind !== 'signal') return;
    if (event.signal !== SIGSTOP) throw this.#stuck(`met signal ${event.signal}`);
    this.stopHeldBack = true;
  }

  #next(deadline: number): TraceEvent | undefined {
    return this.#checked(pollUntil(deadline, () => pollEvent(this.tid)));
  }

  #checked(event: TraceEvent | undefined): TraceEvent | undefined {
    if (event?.kind === 'gone') {
      this.#released = true;
      throw new ThreadGone(this.tid);
    }
    if (event !== undefined) this.#stopped = true;
    return event;
  }

  #stuck(what: string): OrdealError {
    return new OrdealError('ORD-752', `thread ${this.tid} ${what} while it is moved`);
  }

  /** A stopped thread that is killed answers ESRCH to everything. */
  #unlessGone<Result>(body: () => Result): Result {
    try {
      return body();
    } catch (error) {
      if (error instanceof SyscallError && error.errno === ERRNO.ESRCH) throw new ThreadGone(this.tid);
      throw error;
    }
  }

  #ignoringGone(body: () => void): void {
    try {
      this.#unlessGone(body);
    } catch (error) {
      if (!(error instanceof ThreadGone)) throw error;
    }
  }
}
