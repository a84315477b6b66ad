import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import type { Fd } from '@ordeal/linux';
import type { RuleCounts } from './method-counts.js';
import type { ServerAnswer, ServerCommand } from './server-message.js';
import { startProgram } from './start-program.js';

/** Longest that a server may take to answer, in milliseconds. */
const LIMIT = 5_000;
/** Milliseconds between two questions whether it still serves, and how long it may owe the answer. */
const PING_INTERVAL = 1_000;
const PING_LIMIT = 3_000;

/** The keeper's side of a server process. */
export class FaultServer {
  readonly #child: ChildProcess;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  readonly #waiting = new Map<ServerAnswer['kind'], () => void>();
  #counts: RuleCounts = [];
  #over = false;
  #holder: number | undefined;

  /** @param log hears what the server has to say */
  constructor(device: Fd, log: (line: string) => void) {
    this.#child = startProgram('server', {}, [device.number]);
    this.#child.on('message', (answer: ServerAnswer) => {
      if (answer.kind === 'log') log(answer.line);
      else if (answer.kind === 'started') this.#holder = answer.holder;
      else this.#counts = answer.counts;
      this.#waiting.get(answer.kind)?.();
    });
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#over = true;
        resolve();
      };
      this.#child.once('exit', end);
      this.#child.once('error', end);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /**
   * A child of this process that shares the server's descriptors and outlives it, once the server has started:
   * {@link FaultServer.close} ends it.
   */
  get holder(): number | undefined {
    return this.#holder;
  }

  get over(): boolean {
    return this.#over;
  }

  /** As they were when the server last spoke. */
  get counts(): RuleCounts {
    return this.#counts;
  }

  /** @throws OrdealError ORD-713 where the server dies or does not answer */
  async ask(command: ServerCommand, answer: ServerAnswer['kind']): Promise<void> {
    const answered = this.heard(answer);
    this.tell(command);
    await answered;
  }

  /** For what has no answer. */
  tell(command: ServerCommand): void {
    if (!this.#over && this.#child.connected) this.#child.send(command, () => undefined);
  }

  /** Waits for an answer. @throws OrdealError ORD-713 */
  async heard(answer: ServerAnswer['kind']): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    const said = new Promise<boolean>((resolve) => this.#waiting.set(answer, () => resolve(true)));
    const late = new Promise<boolean>((resolve) => {
      limit = setTimeout(() => resolve(false), LIMIT);
    });
    const good = await Promise.race([said, late, this.ended.then(() => false)]);
    clearTimeout(limit);
    if (!good)
      throw new OrdealError(
        'ORD-713',
        `the server did not say '${answer}'${this.#over ? ': it has died' : ''}`,
      );
  }

  /**
   * From now on a server that is stopped or hangs is killed. One whose threads wait for a disk (state D) is let be: the
   * bare file system would make its users wait, too.
   */
  watch(): void {
    let asked: number | undefined;
    this.#child.on('message', (answer: ServerAnswer) => {
      if (answer.kind === 'alive') asked = undefined;
    });
    const timer = setInterval(() => {
      if (this.#over) return clearInterval(timer);
      if (asked === undefined) {
        asked = performance.now();
        this.tell({ kind: 'ping' });
      } else if (performance.now() - asked > PING_LIMIT && !waitsForDisk(this.pid)) this.kill();
    }, PING_INTERVAL).unref();
  }

  kill(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
  }

  /** Gives up what the server had open. Its own end is not waited for. */
  close(): void {
    // Nobody waits for this child, so its number cannot be another's.
    if (this.#holder !== undefined) process.kill(this.#holder, 'SIGKILL');
    this.#holder = undefined;
  }
}

/** Whether a thread is in uninterruptible sleep: field 3 of /proc/PID/task/TID/stat (man 5 proc_pid_stat). */
function waitsForDisk(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((tid) =>
      /\) D [^)]*$/.test(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1')),
    );
  } catch {
    return false;
  }
}
