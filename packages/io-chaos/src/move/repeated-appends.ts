import { constants, readSync } from 'node:fs';
import { ERRNO } from '@ordeal/diagnostics';
import {
  type Fd,
  identifyDescriptor,
  type RepeatedCall,
  readMemory,
  reopenDescriptor,
  type StoppedProcess,
  SYS,
  SyscallError,
} from '@ordeal/linux';
import type { Description } from './description.js';
import type { ProcessSurvey } from './process-survey.js';

/** More is written in one call by nobody who appends lines; it is then made once more. */
const LONGEST = 1 << 20;

/**
 * Threads that were about to append when the server died make the call once more, unless the server had done it and only
 * its answer is missing: then they get that answer. All other calls that are made once more have the same result.
 *
 * Only one append to a file is ever on its way (fuse_direct_write_iter() holds the inode's lock), so what lies behind
 * the end of the file as the old side knew it is either that one, or another's who came from outside.
 */
export function answerAppends(stopped: StoppedProcess, survey: ProcessSurvey | undefined): void {
  for (const thread of stopped.threads) {
    const call = thread.repeated;
    const description = call && appendedTo(call, survey);
    const bytes = description && bytesOf(stopped.pid, call);
    if (description && bytes && hasAppended(description, bytes)) thread.answerRepeated(bytes.length);
  }
}

function appendedTo(call: RepeatedCall, survey: ProcessSurvey | undefined): Description | undefined {
  if (call.number !== SYS.write && call.number !== SYS.writev && call.number !== SYS.pwrite64)
    return undefined;
  const number = Number(BigInt.asIntN(32, call.args[0]));
  const held = survey?.tables.flatMap((table) => table.held).find((entry) => entry.number === number);
  return held && (held.description.flags & constants.O_APPEND) !== 0 ? held.description : undefined;
}

/** What the call writes; `undefined` where that is too much, or not there any more. @throws SyscallError */
function bytesOf(pid: number, call: RepeatedCall): Uint8Array | undefined {
  try {
    return readBytes(pid, call);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ERRNO.EFAULT) return undefined;
    throw error;
  }
}

function readBytes(pid: number, { number, args: [, base, count] }: RepeatedCall): Uint8Array | undefined {
  if (number !== SYS.writev) return count > LONGEST ? undefined : readMemory(pid, base, Number(count));
  // struct iovec: base, length
  const vectors = new BigUint64Array(readMemory(pid, base, Number(count) * 16).buffer);
  const total = vectors.reduce((sum, word, index) => (index % 2 === 1 ? sum + word : sum), 0n);
  if (total > LONGEST) return undefined;
  const parts = Array.from({ length: Number(count) }, (_, index) =>
    readMemory(pid, vectors[index * 2] ?? 0n, Number(vectors[index * 2 + 1] ?? 0n)),
  );
  return Buffer.concat(parts);
}

function hasAppended({ old, state }: Description, bytes: Uint8Array): boolean {
  if (state.kind !== 'fresh' && state.kind !== 'moved') return false;
  const end = identifyDescriptor(old.number).size;
  const file: Fd = reopenDescriptor(state.successor.number, constants.O_RDONLY);
  try {
    const found = Buffer.alloc(bytes.length);
    const length = readSync(file.number, found, 0, found.length, Number(end));
    return length === bytes.length && found.equals(bytes);
  } finally {
    file.close();
  }
}
