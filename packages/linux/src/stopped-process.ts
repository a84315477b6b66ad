import { ERRNO, OrdealError } from '@ordeal/diagnostics';
import { openPidfd } from './pidfd.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';
import { hasThreadEnded, isKernelWorker, listThreads, threadState } from './threads.js';
import { ThreadGone, TracedThread } from './traced-thread.js';
import { pollUntil } from './wait-status.js';

const SIGSTOP = 19;

/** A process with all its threads stopped. The caller that stopped it calls {@link StoppedProcess.release}. */
export class StoppedProcess {
  readonly pid: number;
  readonly #threads = new Map<number, TracedThread>();
  readonly #workers = new Set<number>();

  readonly #repeat: readonly number[];
  readonly #asked: TracedThread[] = [];
  /** When the first thread was asked to stop, of `performance.now()`. */
  #since: number | undefined;

  private constructor(pid: number, repeat: readonly number[]) {
    this.pid = pid;
    this.#repeat = repeat;
  }

  /**
   * Stops every thread, including those that are started meanwhile.
   *
   * @param timeoutMs for all of them together
   * @returns `undefined` if the process has ended
   * @throws OrdealError ORD-751 if a thread cannot be traced or does not stop in time; nothing is left stopped
   */
  static stop(pid: number, timeoutMs: number): StoppedProcess | undefined {
    const process = StoppedProcess.ask(pid);
    if (process.await(timeoutMs)) return process;
    process.release();
    return undefined;
  }

  /**
   * Asks every thread to stop without waiting: {@link StoppedProcess.await} waits, and must be called.
   *
   * @param repeat see {@link TracedThread.awaitStop}
   * @throws OrdealError ORD-751 if a thread cannot be traced; nothing is left stopped
   */
  static ask(pid: number, repeat: readonly number[] = []): StoppedProcess {
    const process = new StoppedProcess(pid, repeat);
    process.#orLetGo(() => process.#askNewThreads());
    return process;
  }

  /** Waits until every thread that was asked has stopped or waits in the kernel; at most `timeoutMs`. */
  awaitQuiet(timeoutMs: number): void {
    const runs = ({ tid }: TracedThread) => threadState(this.pid, tid) === 'R';
    pollUntil(performance.now() + timeoutMs, () => (this.#asked.some(runs) ? undefined : true));
  }

  /**
   * Waits until every thread has stopped, including those that were started meanwhile.
   *
   * @param timeoutMs for all of them together
   * @returns whether the process is still there
   * @throws OrdealError ORD-751 if a thread cannot be traced or does not stop in time; nothing is left stopped
   */
  await(timeoutMs: number): boolean {
    const deadline = performance.now() + timeoutMs;
    this.#orLetGo(() => {
      do this.#awaitAsked(deadline);
      while (this.#askNewThreads());
    });
    return this.threads.length > 0;
  }

  /** The stopped threads that run the process's code, the first thread first if it is alive. */
  get threads(): readonly TracedThread[] {
    return [...this.#threads.values()].filter(({ tid }) => !this.#workers.has(tid));
  }

  /**
   * Releases all threads.
   *
   * @returns how many milliseconds the process was stopped
   */
  release(): number {
    const heldBack = [...this.#threads.values()].some((thread) => thread.stopHeldBack);
    for (const thread of this.#threads.values()) thread.release();
    const duration = performance.now() - (this.#since ?? performance.now());
    if (heldBack) sendStop(this.pid);
    this.#threads.clear();
    return duration;
  }

  #orLetGo(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** @returns whether there were threads not known before */
  #askNewThreads(): boolean {
    const attached = listThreads(this.pid)
      .filter((tid) => !this.#threads.has(tid))
      .map((tid) => attach(this.pid, tid))
      .filter((thread) => thread !== undefined);
    for (const thread of attached) {
      this.#threads.set(thread.tid, thread);
      if (isKernelWorker(this.pid, thread.tid)) this.#workers.add(thread.tid);
    }
    this.#since ??= performance.now();
    for (const thread of attached) {
      this.#asked.push(thread);
      this.#unlessGone(thread, () => thread.requestStop());
    }
    return attached.length > 0;
  }

  #awaitAsked(deadline: number): void {
    for (const thread of this.#asked.splice(0)) {
      if (!this.#threads.has(thread.tid)) continue;
      this.#unlessGone(thread, () => {
        if (!thread.awaitStop(deadline, this.#workers.has(thread.tid) ? [] : this.#repeat)) {
          throw new OrdealError('ORD-751', `thread ${thread.tid} of process ${this.pid} does not stop`);
        }
      });
    }
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
    if (hasThreadEnded(pid, tid)) return undefined;
    throw new OrdealError('ORD-751', `process ${pid} may not be traced, or is traced by another program`, {
      cause: error,
    });
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
