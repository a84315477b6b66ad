import { Worker } from 'node:worker_threads';
import { OffloadBoard } from './offload-board.js';

/** How long helpers may take to start before the volume is served without them, in milliseconds. */
const START_LIMIT = 10_000;

/** Threads that make the system calls of a board. Until they have started, the serving thread makes them itself. */
export class HelperThreads {
  readonly board = new OffloadBoard();
  readonly count: number;

  /**
   * Waits until they have started. While they load hundreds of modules they hold as many descriptors, which clients may
   * need as soon as they are served; a bundle is one.
   */
  static started(count: number): HelperThreads {
    const helpers = new HelperThreads(count);
    helpers.board.awaitHelpers(count, START_LIMIT);
    return helpers;
  }

  /** They do not keep this thread from ending. */
  constructor(count: number) {
    this.count = count;
    const program = new URL('./offload-thread.js', import.meta.url);
    for (let index = 0; index < count; index++) {
      const worker = new Worker(program, { workerData: this.board.memory, execArgv: [] });
      // If a helper cannot start, the server works without it: nothing is offloaded before one is running.
      worker.on('error', () => {});
      worker.unref();
    }
  }
}
