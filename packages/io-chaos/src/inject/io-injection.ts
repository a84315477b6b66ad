import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Code, codes, OrdealError } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import type { MoveReport } from '../move/report.js';
import { faultsOf } from './faults.js';
import type { KeeperAnswer, KeeperCommand } from './keeper-message.js';
import type { RuleCounts } from './method-counts.js';
import { startProgram } from './start-program.js';

/** One document of an injection. */
export interface IoRuleRequest {
  readonly spec: IOChaosSpec;
  /** Nanoseconds after which its faults end by themselves. */
  readonly duration: bigint | undefined;
}

export interface IoInjectionOptions {
  readonly volumePath: string;
  /** In their order; all are for this volume. */
  readonly rules: readonly IoRuleRequest[];
  /** A process that sees the volume; undefined = whoever shares this process's mounts. */
  readonly pid: number | undefined;
  /** What goes on behind the scenes and a person should know. */
  readonly note: (line: string) => void;
}

/** Somebody who waits for an answer of the keeper. */
interface Waiting {
  readonly kinds: readonly KeeperAnswer['kind'][];
  readonly resolve: (answer: KeeperAnswer | undefined) => void;
}

/**
 * Faults that are injected into a live volume. What holds it are processes of their own: it is taken back when this
 * process dies, too.
 */
export class IoInjection {
  readonly #keeper: ChildProcess;
  readonly #options: IoInjectionOptions;
  readonly #waiting = new Set<Waiting>();
  #counts: RuleCounts = [];
  #left: readonly string[] = [];
  #report: MoveReport | undefined;
  #deadlines: readonly number[] = [];
  #lost = false;
  #deserted = false;
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

  /** Whether faults of a rule may still happen. */
  isArmed(rule: number): boolean {
    const deadline = this.#deadlines[rule] ?? Number.NEGATIVE_INFINITY;
    return !this.#lost && !this.#deserted && !this.#over && performance.now() < deadline;
  }

  /** Whether it ended before its time, and not by {@link recover}. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether it ended with the last process of its mount namespace. */
  get deserted(): boolean {
    return this.#deserted;
  }

  /** What was moved. */
  get report(): MoveReport | undefined {
    return this.#report;
  }

  /** As they were at the last {@link count}, or at the end. */
  get counts(): RuleCounts {
    return this.#counts;
  }

  /** What could not be moved back, in words. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** Brings {@link counts} up to date. */
  async count(): Promise<void> {
    const answered = this.#first(['counted', 'recovered']);
    this.#tell({ kind: 'count' });
    await answered;
  }

  /** Takes everything back. Never throws; twice does no harm. */
  recover(): Promise<void> {
    this.#recovery ??= this.#recover();
    return this.#recovery;
  }

  async #arm(): Promise<void> {
    const { volumePath, pid } = this.#options;
    const rules = this.#options.rules.map(({ spec, duration }) => ({
      faults: faultsOf(spec),
      milliseconds: duration === undefined ? undefined : Number(duration) / 1e6,
    }));
    const answered = this.#first(['armed', 'refused', 'recovered']);
    this.#tell({
      kind: 'arm',
      task: {
        id: `${process.pid}-${randomBytes(4).toString('hex')}`,
        pid,
        path: volumePath,
        rules,
        except: [process.pid],
      },
    });
    const answer = await answered;
    if (answer?.kind === 'refused') {
      throw new OrdealError(answer.code in codes ? (answer.code as Code) : 'ORD-714', answer.message);
    }
    if (answer?.kind !== 'armed') throw new OrdealError('ORD-714', 'the keeper ended before it had armed');
    this.#report = answer.report;
    const now = performance.now();
    this.#deadlines = rules.map(({ milliseconds = Number.POSITIVE_INFINITY }) => now + milliseconds);
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
    if (answer.kind === 'deserted') this.#deserted = true;
    if (answer.kind === 'lost' && this.#recovery === undefined) {
      this.#lost = true;
      this.#options.note(`the volume ${this.#options.volumePath} goes back to normal: ${answer.reason}`);
    }
    for (const waiting of this.#waiting) {
      if (!waiting.kinds.includes(answer.kind)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(answer);
    }
  }

  #end(): void {
    if (!this.#over && this.#report) {
      this.#lost = true;
      this.#options.note('the keeper of the I/O faults has died: run `ordeal recover`');
    }
    this.#over = true;
    for (const { resolve } of this.#waiting) resolve(undefined);
    this.#waiting.clear();
  }

  /** The first answer of these kinds; undefined where the keeper is gone. */
  #first(kinds: readonly KeeperAnswer['kind'][]): Promise<KeeperAnswer | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.add({ kinds, resolve }));
  }

  #tell(command: KeeperCommand): void {
    if (this.#keeper.connected) this.#keeper.send(command, () => undefined);
  }
}
