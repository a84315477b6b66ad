import { Worker } from 'node:worker_threads';
import { OffloadBoard } from './offload-board.js';

/** How long helpers may take to start before the volume is served without them, in milliseconds. */
const START_LIMIT = 10_000;

/**
 * Threads that make the system calls of a board: the first one starts when there is a call for it, others when calls wait for
 * each other. Until one has started, the serving thread makes them itself. Each costs about 8 MB, which a volume without such
 * calls does not pay.
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
    while (helpers.#begun < most) helpers.grow();
    helpers.board.awaitHelpers(most, START_LIMIT);
    return helpers;
  }

  /** The threads do not keep this one from ending. */
  constructor(most: number) {
    this.most = most;
  }

  /** Whether a call would wait for an earlier one, or for the first thread, and another may be started. */
  get wanted(): boolean {
    return this.#begun < this.most && (this.#begun === 0 || !this.board.idle);
  }

  /** Starts another thread. It inherits the identity of the calling one. */
  grow(): void {
    this.#begun++;
    const program = new URL('./offload-thread.js', import.meta.url);
    const worker = new Worker(program, { workerData: this.board.memory, execArgv: [] });
    // If it cannot start, the server works without it: nothing is offloaded before one is running.
    worker.on('error', () => {});
    worker.unref();
  }
}
