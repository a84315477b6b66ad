import { constants } from 'node:fs';
import {
  ERRNO,
  PAGE,
  type RepeatedCall,
  readMemory,
  type StoppedProcess,
  SYS,
  SyscallError,
} from '@ordeal/linux';

/** What a dead server had done without answering: see `ChangeRecord`. */
export interface LastChange {
  /** The thread that made the request. */
  readonly tid: number;
  /** The name that was created, removed or changed, in raw bytes. */
  readonly name: Uint8Array;
}

/**
 * The index of the argument that names the entry (of two, the one in the server's record), and of that with flags of
 * open(2).
 */
interface Change {
  readonly path: number;
  readonly flags?: number;
}

/**
 * Only calls of x86-64: arch/x86/entry/syscalls/syscall_64.tbl. On other architectures the repeated call is not
 * known.
 */
const OLD = {
  open: 2,
  rename: 82,
  mkdir: 83,
  rmdir: 84,
  link: 86,
  unlink: 87,
  symlink: 88,
  mknod: 133,
  renameat: 264,
};

const CHANGES: ReadonlyMap<number, Change> = new Map([
  [OLD.mkdir, { path: 0 }],
  [SYS.mkdirat, { path: 1 }],
  [OLD.mknod, { path: 0 }],
  [SYS.mknodat, { path: 1 }],
  [OLD.symlink, { path: 1 }],
  [SYS.symlinkat, { path: 2 }],
  [OLD.link, { path: 1 }],
  [SYS.linkat, { path: 3 }],
  [OLD.unlink, { path: 0 }],
  [OLD.rmdir, { path: 0 }],
  [SYS.unlinkat, { path: 1 }],
  [OLD.rename, { path: 0 }],
  [OLD.renameat, { path: 1 }],
  [SYS.renameat2, { path: 1 }],
  [OLD.open, { path: 0, flags: 1 }],
  [SYS.openat, { path: 1, flags: 2 }],
]);
/** PATH_MAX, include/uapi/linux/limits.h. */
const LONGEST_PATH = 4096;

/**
 * A call that a dead server had carried out must not be repeated if that would fail (EEXIST, ENOENT): it returns
 * success instead; a file that was to be created (O_EXCL) is opened as it is.
 */
export function answerChange(stopped: StoppedProcess, last: LastChange | undefined): void {
  if (!last) return;
  const thread = stopped.threads.find(({ tid }) => tid === last.tid);
  const call = thread?.repeated;
  if (!thread || call?.result !== -ERRNO.ECONNABORTED) return;
  const change = CHANGES.get(call.number);
  if (!change || !Buffer.from(last.name).equals(lastName(stopped.pid, call, change))) return;
  if (change.flags === undefined) thread.answerRepeated(0);
  else {
    const flags = call.args[change.flags] ?? 0n;
    thread.changeRepeated(change.flags, flags & ~BigInt(constants.O_EXCL));
  }
}

/** The last component of the path; empty if it cannot be read any more. */
function lastName(pid: number, { args }: RepeatedCall, { path }: Change): Buffer {
  const text = readText(pid, args[path] ?? 0n)
    .toString('latin1')
    .replace(/\/+$/, '');
  return Buffer.from(text.slice(text.lastIndexOf('/') + 1), 'latin1');
}

/** Up to its NUL; the memory behind it may not be readable. */
function readText(pid: number, address: bigint): Buffer {
  const parts: Uint8Array[] = [];
  try {
    for (let read = 0; read < LONGEST_PATH; ) {
      const at = address + BigInt(read);
      const part = readMemory(pid, at, PAGE - Number(at % BigInt(PAGE)));
      const end = part.indexOf(0);
      parts.push(end < 0 ? part : part.subarray(0, end));
      if (end >= 0) break;
      read += part.length;
    }
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== ERRNO.EFAULT) throw error;
  }
  return Buffer.concat(parts);
}
