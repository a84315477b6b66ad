import { spawn } from 'node:child_process';
import { OrdealError } from '@ordeal/diagnostics';
import { probeFuse } from '@ordeal/fuse';
import { ERRNO, errnoName, SYS, SyscallError, trySyscall } from '@ordeal/linux';
import { type FuseVerdict, type Verdict, WORKS } from './verdict.js';

/** `PTRACE_SEIZE`, include/uapi/linux/ptrace.h. */
const PTRACE_SEIZE = 0x4206;

/** Whether a FUSE file system can be created, and which features the kernel offers. */
export function tryFuse(): FuseVerdict {
  const none = { works: false, missing: undefined, ability: undefined };
  if (process.geteuid?.() !== 0) {
    return { ...none, works: undefined, missing: 'root', reason: 'trying FUSE needs root' };
  }
  try {
    const ability = probeFuse();
    if (ability) return { ...WORKS, ability };
    return { ...none, reason: 'the kernel never sent a request to the FUSE server' };
  } catch (error) {
    if (!(error instanceof OrdealError || error instanceof SyscallError)) throw error;
    const cause = error.cause instanceof SyscallError ? error.cause : error;
    const lacks = cause instanceof SyscallError && [ERRNO.ENOENT, ERRNO.ENODEV].includes(cause.errno as 2);
    return { ...none, missing: lacks ? 'CONFIG_FUSE_FS' : undefined, reason: error.message };
  }
}

/** Whether a process can be traced, tried on a child that does nothing else. */
export function tryPtrace(): Verdict {
  const child = spawn('sleep', ['10'], { stdio: 'ignore' });
  child.on('error', () => undefined);
  if (child.pid === undefined)
    return { works: undefined, missing: 'sleep', reason: 'sleep cannot be started' };
  try {
    const result = trySyscall(SYS.ptrace, PTRACE_SEIZE, child.pid, 0, 0);
    if (result >= 0) return WORKS;
    return { works: false, missing: 'CAP_SYS_PTRACE', reason: `ptrace is refused: ${errnoName(-result)}` };
  } finally {
    child.kill('SIGKILL');
  }
}
