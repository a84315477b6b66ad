import { ERRNO } from '@ordeal/diagnostics';
import { LITTLE_ENDIAN } from './bytes.js';
import { detach, PTRACE_O_TRACEEXEC, resume, seize } from './ptrace.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';
import { hasThreadEnded } from './threads.js';
import { pollUntil } from './wait-status.js';

/** The outcome of waiting for an exec. */
export type ExecStop = 'stopped' | 'ended' | 'timeout';

const WNOHANG = 1;
/** Stops only: the parent still gets the exit status. include/uapi/linux/wait.h. */
const WSTOPPED = 2;
const __WALL = 0x40000000;
const P_PID = 1;
/** Offsets of si_pid and si_status in siginfo_t: include/uapi/asm-generic/siginfo.h. */
const SI_PID = 16;
const SI_STATUS = 24;
const PTRACE_EVENT_EXEC = 4;
const PTRACE_EVENT_STOP = 128;

/**
 * Continues a process that is stopped by SIGSTOP until it has executed another program, and stops it again before the
 * program's first instruction. It is no longer traced then; SIGCONT lets it run. Blocks this thread meanwhile, so the
 * process may be a child of this one.
 *
 * @param pid a process with one thread
 * @param limitMs milliseconds to wait at the most; after a timeout it is still traced and must be killed
 * @throws SyscallError EPERM: it may not be traced, or is traced by another process
 */
export function stopAfterExec(pid: number, limitMs: number): ExecStop {
  seize(pid, PTRACE_O_TRACEEXEC);
  process.kill(pid, 'SIGCONT');
  const stopped = pollUntil(performance.now() + limitMs, () => step(pid));
  if (stopped === undefined) return 'timeout';
  if (!stopped) return 'ended';
  // Pending when tracing ends, and delivered on the way to the first instruction.
  process.kill(pid, 'SIGSTOP');
  detach(pid);
  return 'stopped';
}

/** Whether the process has passed its exec (true) or has ended (false); undefined before that. */
function step(pid: number): boolean | undefined {
  const stop = pollStop(pid);
  if (stop === undefined) return hasThreadEnded(pid, pid) ? false : undefined;
  const event = stop >>> 8;
  if (event === PTRACE_EVENT_EXEC) return true;
  // The end of the job-control stop, or a signal about to be delivered.
  resume(pid, event === PTRACE_EVENT_STOP ? 0 : stop & 0x7f);
  return undefined;
}

/** The status of a stop that was not reported yet: signal, and ptrace event from bit 8 on. */
function pollStop(pid: number): number | undefined {
  const info = new Uint8Array(128);
  const result = trySyscall(SYS.waitid, P_PID, pid, info, WSTOPPED | WNOHANG | __WALL, 0);
  if (result === -ERRNO.ECHILD || result === -ERRNO.EINTR) return undefined;
  if (result < 0) throw new SyscallError(`waitid(${pid})`, -result);
  const view = new DataView(info.buffer);
  return view.getInt32(SI_PID, LITTLE_ENDIAN) === 0 ? undefined : view.getInt32(SI_STATUS, LITTLE_ENDIAN);
}
