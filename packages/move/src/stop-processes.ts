import { ERRNO } from '@ordeal/diagnostics';
import { StoppedProcess } from '@ordeal/linux';
import type { DeadServer } from './move-options.js';
import { isMovable } from './old-side-survey.js';
import type { PassContext } from './pass.js';

const STOP_TIMEOUT_MS = 2000;
/** Threads that do not wait stop at once, where they get a processor. */
const QUIET_TIMEOUT_MS = 1000;
/** What those are told who wait when a connection ends, and those who come afterwards. */
const REFUSED_BY_DEAD = [ERRNO.ECONNABORTED, ERRNO.ENOTCONN];

/**
 * Stops processes, and those with something to move that appear meanwhile.
 *
 * @param stopped is filled; the caller releases them, also where this throws
 * @throws OrdealError ORD-751 where one cannot be stopped
 */
export function stopProcesses(
  pids: readonly number[],
  { survey, newProcesses }: PassContext,
  stopped: Map<number, StoppedProcess>,
): void {
  const { options } = survey;
  const timeoutMs = options.stopTimeoutMs ?? STOP_TIMEOUT_MS;
  const stop = (pid: number) => {
    const process = StoppedProcess.stop(pid, timeoutMs);
    if (process) stopped.set(pid, process);
  };
  const seen = survey.known;
  if (options.dead) stopWaiting(pids, { dead: options.dead, timeoutMs, survey }, stopped);
  else for (const pid of pids) stop(pid);
  // Telling who sees the tree takes long where there are many processes; only new ones make it necessary.
  for (let fresh = newProcesses.appeared(); fresh.length > 0; fresh = newProcesses.appeared()) {
    for (const pid of options.processes(fresh)) {
      if (seen.has(pid)) continue;
      seen.add(pid);
      const late = survey.of(pid);
      if (late && isMovable(late)) stop(pid);
    }
  }
}

/** Stops processes that may wait for a dead server. */
function stopWaiting(
  pids: readonly number[],
  { dead, timeoutMs, survey }: { dead: DeadServer; timeoutMs: number; survey: PassContext['survey'] },
  stopped: Map<number, StoppedProcess>,
): void {
  for (const pid of pids) stopped.set(pid, StoppedProcess.ask(pid, REFUSED_BY_DEAD));
  // A thread that still runs may write to a mapping and have the page sent to the server, and it would not be noted.
  for (const process of stopped.values()) process.awaitQuiet(QUIET_TIMEOUT_MS);
  survey.noteUnwritten();
  dead.endConnection();
  for (const process of [...stopped.values()]) {
    if (process.await(timeoutMs)) continue;
    process.release();
    stopped.delete(process.pid);
  }
}
