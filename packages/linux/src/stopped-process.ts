import { readFileSync } from 'node:fs';
import { ERRNO, OrdealError } from '@ordeal/diagnostics';
import { openPidfd } from './pidfd.js';
import { abortRestartableSequence } from './restartable-sequence.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';
import { isKernelWorker, listThreads } from './threads.js';
import { ThreadGone, TracedThread } from './traced-thread.js';

const SIGSTOP = 19;

/** A process with all its threads stopped. Whoever stopped it calls {@link StoppedProcess.release}. */
export class StoppedProcess {
  readonly pid: number;
  /** When the first thread was asked to stop, of `performance.now()`. */
  readonly since: number;
  readonly #threads = new Map<number, TracedThread>();
  readonly #workers = new Set<number>();

  private constructor(pid: number) {
    this.pid = pid;
    this.since = performance.now();
  }

  /**
   * Stops every thread, those included that are started meanwhile.
   *
   * @param timeoutMs for all of them together
   * @returns `undefined` where the process has ended
   * @throws OrdealError ORD-751 where a thread cannot be traced or does not stop in time; nothing is left stopped
   */
  static stop(pid: number, timeoutMs: number): StoppedProcess | undefined {
    const stopped = new StoppedProcess(pid);
    try {
      const deadline = stopped.since + timeoutMs;
      while (stopped.#stopNewThreads(deadline));
    } catch (error) {
      stopped.release();
      throw error;
    }
    if (stopped.threads.length > 0) return stopped;
    stopped.release();
    return undefined;
  }

  /** The stopped threads that run the process's code, its first one first where that still lives. */
  get threads(): readonly TracedThread[] {
    return [...this.#threads.values()].filter(({ tid }) => !this.#workers.has(tid));
  }

  /**
   * Lets all threads go.
   *
   * @returns for how many milliseconds the process was stopped
   */
  release(): number {
    const heldBack = [...this.#threads.values()].some((thread) => thread.stopHeldBack);
    for (const thread of this.#threads.values()) thread.release();
    const duration = performance.now() - this.since;
    if (heldBack) sendStop(this.pid);
    this.#threads.clear();
    return duration;
  }

  /** @returns whether there were threads not known before */
  #stopNewThreads(deadline: number): boolean {
    const attached = listThreads(this.pid)
      .filter((tid) => !this.#threads.has(tid))
      .map((tid) => attach(this.pid, tid))
      .filter((thread) => thread !== undefined);
    for (const thread of attached) {
      this.#threads.set(thread.tid, thread);
      if (isKernelWorker(this.pid, thread.tid)) this.#workers.add(thread.tid);
    }
    for (const thread of attached) this.#unlessGone(thread, () => thread.requestStop());
    for (const thread of attached) {
      this.#unlessGone(thread, () => {
        if (!thread.awaitStop(deadline)) {
          throw new OrdealError('ORD-751', `thread ${thread.tid} of process ${this.pid} does not stop`);
        }
        abortRestartableSequence(thread);
      });
    }
    return attached.length > 0;
  }

  #unlessGone(thread: TracedThread, body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof ThreadGone)) throw error;
      this.#threads.delete(thread.tid);
    }
  }
}

function attach(pid: number, tid: number): TracedThread | undefined {
  try {
    return TracedThread.attach(tid);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== ERRNO.EPERM) throw error;
    if (hasEnded(pid, tid)) return undefined;
    throw new OrdealError('ORD-751', `process ${pid} may not be traced, or is traced by another program`, {
      cause: error,
    });
  }
}

/** A first thread that ended before the others stays as a zombie. */
function hasEnded(pid: number, tid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

function sendStop(pid: number): void {
  try {
    const pidfd = openPidfd(pid);
    trySyscall(SYS.pidfd_send_signal, pidfd.number, SIGSTOP, 0, 0);
    pidfd.close();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
}
