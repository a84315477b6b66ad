import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { errnoName, SYS, trySyscall } from '@ordeal/linux';
import { type Verdict, WORKS } from '../report/doctor-report.js';

/** `PTRACE_SEIZE`, include/uapi/linux/ptrace.h. */
const PTRACE_SEIZE = 0x4206;

/** Whether a FUSE connection can be opened. */
export function tryFuse(): Verdict {
  try {
    closeSync(openSync('/dev/fuse', 'r+'));
    return WORKS;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EACCES')
      return { works: undefined, missing: 'root', reason: 'opening /dev/fuse needs root' };
    const missing = code === 'ENOENT' || code === 'ENODEV' ? 'CONFIG_FUSE_FS' : undefined;
    return { works: false, missing, reason: `/dev/fuse cannot be opened: ${code}` };
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
