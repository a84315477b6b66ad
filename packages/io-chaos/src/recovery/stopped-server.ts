import { StoppedProcess, ThreadGone } from '@ordeal/linux';
import { endProcess, isAlive, type ProcessName } from '../process-name.js';

/** Milliseconds in which a server stops, unless it waits for a disk. */
const STOP_LIMIT = 5_000;
/** Milliseconds in which its threads end once it is killed. */
const END_LIMIT = 1_000;

/**
 * A server that does not answer, stopped so that it carries out nothing more, even after SIGCONT. Its files and locks
 * are still accessible. The owner kills it at the end.
 */
export class StoppedServer {
  readonly #name: ProcessName;
  readonly #stopped: StoppedProcess;

  private constructor(name: ProcessName, stopped: StoppedProcess) {
    this.#name = name;
    this.#stopped = stopped;
  }

  /**
   * @returns `undefined` if it has ended
   * @throws OrdealError ORD-751 if it does not stop: it waits for a disk, and
   * may still write
   */
  static stop(name: ProcessName): StoppedServer | undefined {
    const stopped = isAlive(name) ? StoppedProcess.stop(name.pid, STOP_LIMIT) : undefined;
    return stopped && new StoppedServer(name, stopped);
  }

  async kill(): Promise<void> {
    await endProcess(this.#name, 0);
    // A tracer must reap the end of each thread; that of the first thread is reported last.
    for (const thread of [...this.#stopped.threads].reverse()) {
      try {
        thread.awaitStop(performance.now() + END_LIMIT);
      } catch (error) {
        if (!(error instanceof ThreadGone)) throw error;
      }
    }
    this.#stopped.release();
  }
}
