import { Worker } from 'node:worker_threads';
import { OffloadBoard } from './offload-board.js';

/** How long helpers may take to start before the volume is served without them, in milliseconds. */
const START_LIMIT = 10_000;

/**
 * Threads that make the system calls of a board: one at first, others when calls wait for each other. Until one has started,
 * the serving thread makes them itself.
 */
export class HelperThreads {
  readonly board = new OffloadBoard();
  readonly most: number;
  #begun = 0;

  /**
   * Starts all that there may be, and waits for them. While they load hundreds of modules they hold as many descriptors,
   * which clients may need as soon as they are served; a bundle is one.
   */
  static started(most: number): HelperThreads {
    const helpers = new HelperThreads(most);
    while (helpers.#begun < most) helpers.#begin();
    helpers.board.awaitHelpers(most, START_LIMIT);
    return helpers;
  }

  /** The threads do not keep this one from ending. */
  constructor(most: number) {
    this.most = most;
    if (most > 0) this.#begin();
  }

  /** Before a call is posted: starts another thread where it would wait for an earlier one. */
  grow(): void {
    if (this.#begun < this.most && !this.board.idle) this.#begin();
  }

  #begin(): void {
    this.#begun++;
    const program = new URL('./offload-thread.js', import.meta.url);
    const worker = new Worker(program, { workerData: this.board.memory, execArgv: [] });
    // If it cannot start, the server works without it: nothing is offloaded before one is running.
    worker.on('error', () => {});
    worker.unref();
  }
}
