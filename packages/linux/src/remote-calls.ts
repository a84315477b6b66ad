import { OrdealError } from '@ordeal/diagnostics';
import { LITTLE_ENDIAN } from './bytes.js';
import { CallTable, PENDING, type TableCall } from './call-table.js';
import type { KernelEntry } from './kernel-entry.js';
import { CALL_SIZE, machine } from './machine.js';
import { readMemory, writeMemory } from './process-memory.js';
import { SYS } from './syscall-numbers.js';
import type { TracedThread } from './traced-thread.js';
import { pollUntil } from './wait-status.js';

/**
 * The scratch memory, from its start: code (64 KiB, the largest page size, so that it can be protected alone), frame,
 * table, payload. Only the pages that are touched cost memory.
 */
const FRAME_OFFSET = 0x10000;
const EXTRA_OFFSET = 0x1f00n;
const TABLE_OFFSET = FRAME_OFFSET + 0x2000;
const PAYLOAD_OFFSET = TABLE_OFFSET + 0x10000;
const SCRATCH_SIZE = 0x40000;

/** Bytes of payload that calls may point into. */
export const PAYLOAD_SIZE = SCRATCH_SIZE - PAYLOAD_OFFSET;
/** Calls in one run; the routine itself uses three entries of the table. */
export const MAX_CALLS = 0x10000 / CALL_SIZE - 3;

// include/uapi/asm-generic/mman-common.h
const PROT_READ_WRITE = 3;
const PROT_READ_EXEC = 5;
const MAP_PRIVATE_ANONYMOUS = 0x22;
/**
 * After its calls the routine waits this long to be stopped; then its tracer is dead or hangs, and it restores the
 * thread by itself.
 */
const ORPHAN_SECONDS = 2n;
const RUN_TIMEOUT_MS = 10_000;
const SIG_SETMASK = 2n;

/** The calls were made, but the thread was not stopped in time after them: it has restored itself and continued. */
export class ThreadContinued extends OrdealError {
  constructor(tid: number) {
    super('ORD-752', `thread ${tid} continued while it was moved: this process was delayed`);
  }
}

/**
 * Scratch memory in the address space of a stopped process, and a routine in it that makes many system calls in one
 * go. Nothing of the process's own memory is written to.
 *
 * When the tracer dies during {@link RemoteScratch.run}, the routine finishes its calls, restores the thread's signal
 * mask and registers by itself, and the program continues; the scratch memory stays behind. While the memory is
 * mapped and unmapped (three calls), the same holds if {@link KernelEntry.landing} is known and the thread is on the
 * stack that the kernel created; otherwise the process would die if its tracer died in these microseconds.
 */
export class RemoteScratch {
  readonly #pid: number;
  readonly #base: bigint;
  readonly #entry: KernelEntry;
  /** `false` if the process may not map executable memory: then each call is made by stepping. */
  readonly #executable: boolean;
  /**
   * Whether a thread continued by itself: it may return from a signal handler to the routine, so the memory must
   * stay.
   */
  #abandoned = false;

  private constructor(pid: number, base: bigint, entry: KernelEntry, executable: boolean) {
    this.#pid = pid;
    this.#base = base;
    this.#entry = entry;
    this.#executable = executable;
  }

  /**
   * @throws OrdealError ORD-752 if the process cannot get memory; ThreadGone
   */
  static create(thread: TracedThread, entry: KernelEntry): RemoteScratch {
    const base = thread.call(entry, SYS.mmap, [
      0,
      SCRATCH_SIZE,
      PROT_READ_WRITE,
      MAP_PRIVATE_ANONYMOUS,
      -1,
      0,
    ]);
    if (base < 0) {
      throw new OrdealError('ORD-752', `thread ${thread.tid} gets no memory for the move (errno ${-base})`);
    }
    const address = BigInt(base);
    writeMemory(thread.tid, address, machine.routine(FRAME_OFFSET));
    const result = thread.call(entry, SYS.mprotect, [address, FRAME_OFFSET, PROT_READ_EXEC]);
    return new RemoteScratch(thread.tid, address, entry, result === 0);
  }

  /** Whether calls are made by the routine, not by stepping. */
  get hasRoutine(): boolean {
    return this.#executable;
  }

  /** The address of the payload. */
  get payload(): bigint {
    return this.#base + BigInt(PAYLOAD_OFFSET);
  }

  /** Reads `length` bytes of the payload, from `offset` on. */
  read(offset: number, length: number): Uint8Array {
    return readMemory(this.#pid, this.payload + BigInt(offset), length);
  }

  /** Writes into the payload. */
  write(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > PAYLOAD_SIZE) throw new RangeError('the payload is too large');
    writeMemory(this.#pid, this.payload + BigInt(offset), bytes);
  }

  /**
   * Makes any number of calls in `thread`, in order; a failed one does not stop the next.
   *
   * @returns the results, `-errno` for errors
   * @throws ThreadGone; ThreadContinued; OrdealError ORD-752 if a call does not return
   */
  run(thread: TracedThread, calls: readonly TableCall[]): number[] {
    if (this.#abandoned) throw new ThreadContinued(thread.tid);
    if (!this.#executable) return calls.map(({ number, args }) => thread.call(this.#entry, number, args));
    const results: number[] = [];
    for (let from = 0; from < calls.length; from += MAX_CALLS) {
      results.push(...this.#runTable(thread, calls.slice(from, from + MAX_CALLS)));
    }
    return results;
  }

  /** Unmaps the memory, unless a thread continued by itself. */
  close(thread: TracedThread): void {
    if (this.#abandoned) return;
    thread.call(this.#entry, SYS.munmap, [this.#base, SCRATCH_SIZE]);
  }

  #runTable(thread: TracedThread, calls: readonly TableCall[]): number[] {
    const address = this.#base + BigInt(TABLE_OFFSET);
    const frame = this.#base + BigInt(FRAME_OFFSET);
    const table = tableOf(calls, frame + EXTRA_OFFSET);
    return thread.borrow(
      (registers, mask) => {
        writeMemory(this.#pid, frame, machine.frame(registers, mask, thread.state()));
        // The area of the frame has room for two more things: the timeout after which the thread restores itself, and
        // the mask to restore.
        const extra = frame + EXTRA_OFFSET;
        writeMemory(this.#pid, extra, new Uint8Array(new BigInt64Array([ORPHAN_SECONDS, 0n, mask]).buffer));
        writeMemory(this.#pid, address, table.bytes);
        return machine.forRoutine(registers, this.#base, address, frame);
      },
      () => {
        thread.run();
        this.#awaitResult(thread, address + BigInt(calls.length * CALL_SIZE - 8));
        thread.requestStop();
        if (!thread.awaitStop(performance.now() + RUN_TIMEOUT_MS)) {
          throw new OrdealError('ORD-752', `thread ${thread.tid} does not stop again while it is moved`);
        }
        if (this.#isHome(machine.programCounter(thread.registers()))) {
          this.#abandoned = true;
          throw new ThreadContinued(thread.tid);
        }
        table.bytes.set(readMemory(this.#pid, address, calls.length * CALL_SIZE));
        return table.results(calls.length);
      },
      (programCounter) => this.#isHome(programCounter),
    );
  }

  /**
   * Outside the routine a thread is where it was before, or in the handler of a signal that arrived on the way there.
   */
  #isHome(programCounter: bigint): boolean {
    return programCounter < this.#base || programCounter >= this.#base + BigInt(FRAME_OFFSET);
  }

  #awaitResult(thread: TracedThread, address: bigint): void {
    const done = pollUntil(performance.now() + RUN_TIMEOUT_MS, () => {
      const value = new DataView(readMemory(this.#pid, address, 8).buffer).getBigInt64(0, LITTLE_ENDIAN);
      if (value !== PENDING) return true;
      thread.pump();
      return undefined;
    });
    if (done) return;
    thread.requestStop();
    thread.awaitStop(performance.now() + RUN_TIMEOUT_MS);
    throw new OrdealError('ORD-752', `thread ${thread.tid} does not come back from a call while it is moved`);
  }
}

function tableOf(calls: readonly TableCall[], extra: bigint): CallTable {
  const table = new CallTable(calls.length + 3);
  for (let index = 0; index < calls.length; index++) {
    const { number, args } = calls[index] as TableCall;
    table.set(index, number, args);
  }
  table.await(calls.length - 1);
  // ppoll leaves no trace in the thread (nanosleep would lose the restart of an interrupted call).
  table.set(calls.length, SYS.ppoll, [0, 0, extra, 0, 0]);
  table.set(calls.length + 1, SYS.rt_sigprocmask, [SIG_SETMASK, extra + 16n, 0, 8]);
  table.end(calls.length + 2);
  return table;
}
