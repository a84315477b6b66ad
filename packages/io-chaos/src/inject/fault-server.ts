import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import type { Fd } from '@ordeal/linux';
import type { RuleCounts } from './method-counts.js';
import type { ServerAnswer, ServerCommand } from './server-message.js';
import { startProgram } from './start-program.js';

/** Longest that a server may take to answer, in milliseconds: one that lives starts within half a second of processor time. */
const LIMIT = 20_000;
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
   * From now on a server that is stopped or hangs is killed. One whose threads wait for a disk or for a processor is let
   * be: its users would have to wait on the bare file system, too.
   */
  watch(): void {
    let asked: { readonly at: number; readonly used: number } | undefined;
    this.#child.on('message', (answer: ServerAnswer) => {
      if (answer.kind === 'alive') asked = undefined;
    });
    const timer = setInterval(() => {
      if (this.#over) return clearInterval(timer);
      if (asked === undefined) {
        asked = { at: performance.now(), used: processorTime(this.pid) };
        this.tell({ kind: 'ping' });
        return;
      }
      if (performance.now() - asked.at < PING_LIMIT || waits(this.pid, 'D')) return;
      const starves = waits(this.pid, 'R') && processorTime(this.pid) - asked.used < PING_LIMIT / 2;
      if (!starves) this.kill();
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

/**
 * Whether a thread is in uninterruptible sleep (D), or wants a processor (R): field 3 of /proc/PID/task/TID/stat (man 5
 * proc_pid_stat).
 */
function waits(pid: number, state: 'D' | 'R'): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some(
      (tid) => statFields(`/proc/${pid}/task/${tid}/stat`)[0] === state,
    );
  } catch {
    return false;
  }
}

/** Milliseconds of processor time that all threads have used; ticks are those of USER_HZ, 100 a second. */
function processorTime(pid: number): number {
  try {
    const fields = statFields(`/proc/${pid}/stat`);
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

/** From the third field on: the second is a name in parentheses. */
function statFields(path: string): string[] {
  const text = readFileSync(path, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
