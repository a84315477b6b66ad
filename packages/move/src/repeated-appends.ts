import { constants, fstatSync, readSync } from 'node:fs';
import {
  ERRNO,
  identifyDescriptor,
  type RepeatedCall,
  readMemory,
  reopenDescriptor,
  type StoppedProcess,
  SYS,
  SyscallError,
  type TracedThread,
} from '@ordeal/linux';
import type { Description } from './description.js';
import type { ProcessSurvey } from './process-survey.js';
import { writeWhole } from './write-whole.js';

/** The last append that a dead server began. */
export interface LastAppend {
  /** The thread that made the request. */
  readonly tid: number;
  /** Number of the inode on the new side. */
  readonly inode: bigint;
  /** The end of the file as the kernel knew it when the request was made. */
  readonly offset: bigint;
  /** The end of the file on the new side just before. */
  readonly end: bigint;
  /** Bytes. */
  readonly length: number;
}

/** How far behind the former end an append is searched for: processes that do not use the server may append, too. */
const LONGEST_SEARCH = 16 << 20;

/**
 * Threads that waited for a dead server repeat their calls, with the same result, except for an append that the
 * server had already carried out: they get its result instead. Only one append can be in doubt, the last one that the
 * server began. A call that failed with ENOTCONN never reached it.
 *
 * The kernel splits a long write into several requests: if the server died in the middle, the write returns the bytes
 * of those that were answered. If the next one was carried out, too, its bytes are added.
 *
 * Without the server's record this cannot be known: then the call fails with ECONNABORTED.
 */
export function answerAppends(
  stopped: StoppedProcess,
  survey: ProcessSurvey | undefined,
  last: LastAppend | undefined,
): void {
  for (const thread of stopped.threads) {
    if (last && thread.tid === last.tid) answerCutShort(stopped.pid, thread, survey, last);
    const call = thread.repeated;
    if (call?.result !== -ERRNO.ECONNABORTED) continue;
    const description = appendedTo(call, survey);
    if (!description) continue;
    if (!last) thread.answerRepeated(-ERRNO.ECONNABORTED);
    else if (thread.tid === last.tid) {
      const done = carriedOut(description, last, bytesOf(stopped.pid, call, last.length));
      if (done !== undefined) thread.answerRepeated(done);
    }
  }
}

function answerCutShort(
  pid: number,
  thread: TracedThread,
  survey: ProcessSurvey | undefined,
  last: LastAppend,
): void {
  const call = thread.completed;
  const description = call && appendedTo(call, survey);
  if (!description) return;
  // A write that was complete has no bytes left, which are not those of the record then.
  const rest = bytesOf(pid, call, call.result + last.length).subarray(call.result);
  const done = carriedOut(description, last, rest);
  if (done !== undefined) thread.answerCompleted(call.result + done);
}

function appendedTo(call: RepeatedCall, survey: ProcessSurvey | undefined): Description | undefined {
  const { write, writev, pwrite64, pwritev, pwritev2 } = SYS;
  if (![write, writev, pwrite64, pwritev, pwritev2].includes(call.number)) return undefined;
  const number = Number(BigInt.asIntN(32, call.args[0]));
  const held = survey?.tables.flatMap((table) => table.held).find((entry) => entry.number === number);
  return held && (held.description.flags & constants.O_APPEND) !== 0 ? held.description : undefined;
}

/** The first `length` bytes that the call writes; empty if they cannot be read any more. @throws SyscallError */
function bytesOf(pid: number, call: RepeatedCall, length: number): Uint8Array {
  try {
    return readBytes(pid, call, length);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ERRNO.EFAULT) return new Uint8Array();
    throw error;
  }
}

function readBytes(pid: number, { number, args }: RepeatedCall, length: number): Uint8Array {
  const [, base, count] = args;
  if (number === SYS.write || number === SYS.pwrite64) {
    return readMemory(pid, base, Math.min(length, Number(count)));
  }
  // struct iovec: base, length
  const vectors = new BigUint64Array(readMemory(pid, base, Number(count) * 16).buffer);
  const parts: Uint8Array[] = [];
  for (let index = 0, left = length; index < vectors.length && left > 0; index += 2) {
    const part = Math.min(left, Number(vectors[index + 1] ?? 0n));
    parts.push(readMemory(pid, vectors[index] ?? 0n, part));
    left -= part;
  }
  return Buffer.concat(parts);
}

/**
 * How many bytes the server had appended for a call that is still unanswered; `undefined` for none. Where it was killed
 * in the middle, the rest is appended here.
 *
 * Whether the record is that call's, and not an earlier one's, is told by the end of the file as the kernel knows it for
 * the dead side: an answer would have moved it.
 */
function carriedOut({ old, state }: Description, last: LastAppend, bytes: Uint8Array): number | undefined {
  if (state.kind !== 'fresh' && state.kind !== 'moved') return undefined;
  if (bytes.length !== last.length || identifyDescriptor(state.successor.number).inode !== last.inode)
    return undefined;
  const end = identifyDescriptor(old.number).size;
  const answered = last.offset + BigInt(last.length);
  if (end !== last.offset && (end !== last.end || end === answered)) return undefined;
  const file = reopenDescriptor(state.successor.number, constants.O_RDWR);
  try {
    const size = fstatSync(file.number).size;
    const found = Buffer.alloc(Math.max(0, Math.min(size - Number(last.end), LONGEST_SEARCH)));
    const length = readSync(file.number, found, 0, found.length, Number(last.end));
    const tail = found.subarray(0, length);
    if (tail.length >= bytes.length) return tail.includes(Buffer.from(bytes)) ? bytes.length : undefined;
    if (tail.length === 0 || !tail.equals(bytes.subarray(0, tail.length))) return undefined;
    writeWhole(file.number, bytes.subarray(tail.length), size);
    return bytes.length;
  } finally {
    file.close();
  }
}
