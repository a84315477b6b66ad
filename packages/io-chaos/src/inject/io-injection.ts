import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Code, codes, OrdealError } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import type { MoveReport } from '../move/report.js';
import { faultsOf } from './faults.js';
import type { KeeperAnswer, KeeperCommand } from './keeper-message.js';
import type { MethodCount } from './method-counts.js';
import { startProgram } from './start-program.js';

export interface IoInjectionOptions {
  readonly spec: IOChaosSpec;
  /** A process that sees the volume; undefined = whoever shares this process's mounts. */
  readonly pid: number | undefined;
  /** Nanoseconds after which the faults end by themselves. */
  readonly duration: bigint | undefined;
  /** What goes on behind the scenes and a person should know. */
  readonly note: (line: string) => void;
}

/**
 * One IOChaos that is injected into a live volume. What holds it are processes of their own: it is taken back when this
 * process dies, too.
 */
export class IoInjection {
  readonly #keeper: ChildProcess;
  readonly #options: IoInjectionOptions;
  readonly #answers = new Map<KeeperAnswer['kind'], (answer: KeeperAnswer) => void>();
  #counts: readonly MethodCount[] = [];
  #left: readonly string[] = [];
  #report: MoveReport | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #lost = false;
  #over = false;
  #recovery: Promise<void> | undefined;

  /**
   * Covers the volume, moves its users and turns the faults on.
   *
   * @throws OrdealError; then everything is as it was
   */
  static async arm(options: IoInjectionOptions): Promise<IoInjection> {
    const injection = new IoInjection(options);
    try {
      await injection.#arm();
      return injection;
    } catch (error) {
      await injection.recover();
      throw error;
    }
  }

  private constructor(options: IoInjectionOptions) {
    this.#options = options;
    this.#keeper = startProgram('keeper', {});
    this.#keeper.on('message', (answer: KeeperAnswer) => this.#hear(answer));
    this.#keeper.once('error', () => this.#end());
    this.#keeper.once('exit', () => this.#end());
  }

  /** The process that holds it. */
  get keeper(): number {
    return this.#keeper.pid ?? -1;
  }

  /** Whether faults may still happen. */
  get armed(): boolean {
    return this.#report !== undefined && !this.#lost && !this.#over && performance.now() < this.#deadline;
  }

  /** Whether it ended before its time, and not by {@link recover}. */
  get lost(): boolean {
    return this.#lost;
  }

  /** What was moved. */
  get report(): MoveReport | undefined {
    return this.#report;
  }

  /** As they were at the last {@link count}, or at the end. */
  get counts(): readonly MethodCount[] {
    return this.#counts;
  }

  /** What could not be moved back, in words. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** Asks for fresh counts. They come when they come. */
  count(): void {
    this.#tell({ kind: 'count' });
  }

  /** Takes everything back. Never throws; twice does no harm. */
  recover(): Promise<void> {
    this.#recovery ??= this.#recover();
    return this.#recovery;
  }

  async #arm(): Promise<void> {
    const { spec, pid, duration } = this.#options;
    const milliseconds = duration === undefined ? undefined : Number(duration) / 1e6;
    const answered = this.#first(['armed', 'refused', 'recovered']);
    this.#tell({
      kind: 'arm',
      task: {
        id: `${process.pid}-${randomBytes(4).toString('hex')}`,
        pid,
        path: spec.volumePath,
        faults: faultsOf(spec),
        milliseconds,
        except: [process.pid],
      },
    });
    const answer = await answered;
    if (answer?.kind === 'refused') {
      throw new OrdealError(answer.code in codes ? (answer.code as Code) : 'ORD-714', answer.message);
    }
    if (answer?.kind !== 'armed') throw new OrdealError('ORD-714', 'the keeper ended before it had armed');
    this.#report = answer.report;
    if (milliseconds !== undefined) this.#deadline = performance.now() + milliseconds;
  }

  async #recover(): Promise<void> {
    const done = this.#first(['recovered']);
    this.#tell({ kind: 'recover' });
    await done;
    if (this.#keeper.connected) this.#keeper.disconnect();
    this.#keeper.unref();
  }

  #hear(answer: KeeperAnswer): void {
    if (answer.kind === 'log' && answer.line !== '') this.#options.note(answer.line);
    if (answer.kind === 'counted' || answer.kind === 'recovered') this.#counts = answer.counts;
    if (answer.kind === 'recovered') {
      this.#left = answer.left;
      this.#over = true;
    }
    if (answer.kind === 'lost' && this.#recovery === undefined) {
      this.#lost = true;
      this.#options.note(`the volume ${this.#options.spec.volumePath} goes back to normal: ${answer.reason}`);
    }
    this.#answers.get(answer.kind)?.(answer);
  }

  #end(): void {
    if (!this.#over && this.#report) {
      this.#lost = true;
      this.#options.note('the keeper of the I/O faults has died: run `ordeal recover`');
    }
    this.#over = true;
    for (const resolve of this.#answers.values()) resolve({ kind: 'log', line: '' });
  }

  /** The first answer of these kinds; undefined where the keeper is gone. */
  #first(kinds: readonly KeeperAnswer['kind'][]): Promise<KeeperAnswer | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      for (const kind of kinds) {
        this.#answers.set(kind, (answer) => {
          for (const each of kinds) this.#answers.delete(each);
          resolve(answer);
        });
      }
    });
  }

  #tell(command: KeeperCommand): void {
    if (this.#keeper.connected) this.#keeper.send(command, () => undefined);
  }
}
