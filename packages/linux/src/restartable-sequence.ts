import { LITTLE_ENDIAN } from './bytes.js';
import { machine } from './machine.js';
import { readMemory } from './process-memory.js';
import { rseqAddress } from './ptrace.js';
import type { TracedThread } from './traced-thread.js';

/** Offsets in `struct rseq` and `struct rseq_cs`, include/uapi/linux/rseq.h. */
const RSEQ_CS = 8;
const START_IP = 8;
const POST_COMMIT_OFFSET = 16;
const ABORT_IP = 24;

/**
 * A thread stopped inside a restartable sequence would continue in the middle of it after other code has run in it, and the
 * kernel would no longer abort it. So it is aborted here, as any preemption may do. The kernel does it itself in a thread that
 * only stands still.
 *
 * @throws ThreadGone
 */
export function abortRestartableSequence(thread: TracedThread): void {
  const rseq = rseqAddress(thread.tid);
  if (rseq === 0n) return;
  const descriptor = u64(readMemory(thread.tid, rseq + BigInt(RSEQ_CS), 8), 0);
  if (descriptor === 0n) return;
  const bytes = readMemory(thread.tid, descriptor, 32);
  const registers = thread.registers();
  const inside = machine.programCounter(registers) - u64(bytes, START_IP);
  if (inside < 0n || inside >= u64(bytes, POST_COMMIT_OFFSET)) return;
  thread.setRegisters(machine.withProgramCounter(registers, u64(bytes, ABORT_IP)));
}

function u64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, LITTLE_ENDIAN);
}
