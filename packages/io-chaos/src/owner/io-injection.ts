import { type Code, codes, OrdealError } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import type { OwnAction, PowerLoss, UnsyncedReport } from '@ordeal/fault-fs';
import { alignedInterval, DeadlineTimer } from '@ordeal/linux';
import type { MoveReport } from '@ordeal/move';
import { faultsOf } from '../faults.js';
import type {
  Claimed,
  CutPower,
  KeeperAnswer,
  KeeperCommand,
  KeeperNews,
  TakenFaults,
  TimedFaults,
} from '../keeper/keeper-message.js';
import type { RuleCounts } from '../method-counts.js';
import { PendingAnswers } from '../pending-answers.js';
import { type FaultBatch, FaultReceiver, type ReportedFaults } from '../server/fault-batch.js';
import { RENEWAL } from '../server/lease.js';
import { findHeldVolume } from '../volume/held-volume.js';
import { type FoundKeeper, findKeepers } from './find-keeper.js';
import type { KeeperProcess } from './keeper-process.js';

/** One document of an injection. */
export interface IoRuleRequest {
  readonly spec: IOChaosSpec;
  /**
   * Instead of its action: `observe` does nothing to the requests that it matches and reports each as a fault, `halt`
   * answers neither that request nor others until {@link IoInjection.update}.
   */
  readonly instead?: OwnAction;
  /** With `instead`: only requests of programs that change or sync something. */
  readonly changesOnly?: boolean;
  /** The numbers of the matches that get a fault, whatever the document says; undefined = as it says. */
  readonly only?: readonly number[] | undefined;
  /** Nanoseconds after which its faults end by themselves. */
  readonly duration: bigint | undefined;
}

export interface IoInjectionOptions {
  readonly volumePath: string;
  /** In document order; all are for this volume. */
  readonly rules: readonly IoRuleRequest[];
  /** A process that sees the volume; undefined = all processes that share this process's mounts. */
  readonly pid: number | undefined;
  /** Notes for the user. */
  readonly note: (line: string) => void;
  /** Receives each fault, after {@link IoInjection.fetchFaults} and at the end. Default: faults are only counted. */
  readonly onFaults?: ((reported: ReportedFaults) => void) | undefined;
  /** A rule has halted the volume. */
  readonly onHalt?: (() => void) | undefined;
  /**
   * A name for these faults, which nobody else uses. If this process dies, its successor takes the faults over by arming
   * with the same claim within five minutes. They are off from five seconds after its death until then. Without a claim they
   * end with this process.
   */
  readonly claim?: string | undefined;
  /** Holds it where nobody holds the volume yet; the caller's. */
  readonly keeper: KeeperProcess;
}

/**
 * The most milliseconds that a keeper may take. It waits for other processes with its own limits; a keeper that is
 * stopped delays its owner no longer than this.
 */
const LIMITS = { arm: 240_000, count: 5_000, fetch: 5_000, update: 240_000, recover: 240_000 } as const;

/**
 * Faults injected into a live volume. Separate processes hold it: the faults also end when this process dies. Other
 * injections, of any process, may have faults on the same volume: they begin and end in any order, and the last one
 * restores the volume.
 */
export class IoInjection {
  readonly #keeper: FoundKeeper;
  readonly #options: Omit<IoInjectionOptions, 'keeper'>;
  readonly #pending = new PendingAnswers<KeeperAnswer>();
  /** Resolves when everything is restored, or the keeper is gone. */
  readonly #ended: Promise<void>;
  #tellEnded: () => void = () => undefined;
  /** Where the keeper is not of this process. */
  readonly #stopRenewal: () => void;
  #counts: RuleCounts = [];
  readonly #receiver = new FaultReceiver();
  #left: readonly string[] = [];
  #report: MoveReport | undefined;
  #adopted: RuleCounts | undefined;
  #deadlines: readonly number[] = [];
  #lost = false;
  #deserted = false;
  #over = false;
  #recovery: Promise<void> | undefined;
  #fetching: Promise<void> | undefined;
  #quiet = false;

  /**
   * Covers the volume and moves its users, unless that has been done, and turns the faults on.
   *
   * @throws OrdealError; then everything is as it was
   */
  static async arm(options: IoInjectionOptions): Promise<IoInjection> {
    const { pid = process.pid, volumePath, keeper: own } = options;
    for await (const keeper of findKeepers(pid, volumePath, own, LIMITS.arm)) {
      const injection = new IoInjection(options, keeper);
      try {
        if (await injection.#arm()) return injection;
      } catch (error) {
        await injection.recover();
        // Another owner has taken the volume at the same moment.
        if (!keeper.joined && isHeld(pid, volumePath)) continue;
        throw error;
      }
      await injection.recover();
    }
    throw new OrdealError('ORD-714', `${volumePath} is being restored by another run, which does not finish`);
  }

  /** Takes over the faults of a claim as they are, for {@link recover}; `undefined` if nobody has it any more. */
  static async take(keeper: FoundKeeper, { claim, path }: Claimed): Promise<IoInjection | undefined> {
    const options = { volumePath: path, rules: [], pid: undefined, note: () => undefined };
    const injection = new IoInjection(options, keeper);
    const answer = await injection.#take(claim);
    if (answer?.kind === 'taken' && answer.taken) return injection;
    await injection.recover();
    return undefined;
  }

  private constructor(options: Omit<IoInjectionOptions, 'keeper'>, keeper: FoundKeeper) {
    this.#options = options;
    this.#keeper = keeper;
    this.#ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
    keeper.peer.listen(
      (message) => this.#hear(message),
      () => this.#end(),
    );
    this.#stopRenewal = keeper.joined
      ? alignedInterval(RENEWAL, () => this.#tell({ kind: 'renew' }))
      : () => undefined;
  }

  /** The process that holds it. */
  get keeper(): number {
    return this.#keeper.pid;
  }

  /** Whether faults of a rule may still happen. */
  isArmed(rule: number): boolean {
    const deadline = this.#deadlines[rule] ?? Number.NEGATIVE_INFINITY;
    return !this.#lost && !this.#deserted && !this.#over && performance.now() < deadline;
  }

  /** Whether the faults ended early: known at the latest when {@link recover} has resolved. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether it ended with the last process of its mount namespace. */
  get deserted(): boolean {
    return this.#deserted;
  }

  /** What had been counted when a dead process's faults were taken over; `undefined` if they were armed anew. */
  get adopted(): RuleCounts | undefined {
    return this.#adopted;
  }

  /** What was moved. */
  get report(): MoveReport | undefined {
    return this.#report;
  }

  /** The values of the last {@link count}, or at the end. */
  get counts(): RuleCounts {
    return this.#counts;
  }

  /** Descriptions of what {@link recover} could not restore. `ordeal recover` can, once the keeper is gone. */
  get left(): readonly string[] {
    return this.#left;
  }

  /** Whether there are no requests now, so that {@link counts} are those of this moment. */
  get quiet(): boolean {
    return this.#quiet;
  }

  /** Updates {@link counts}. */
  async count(): Promise<void> {
    await this.#pending.ask((id) => this.#tell({ kind: 'count', id }), LIMITS.count);
  }

  /**
   * Reports the faults since the last call, unless the keeper does not answer in time: then a later call does. Faults
   * for which the server has no room are dropped and counted.
   */
  fetchFaults(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /**
   * Changes faults and durations, or switches the faults off or on; no process is moved. Counters continue if there
   * are as many rules as before. Requests delayed by a replaced rule continue at once. Afterwards {@link counts} are
   * those of this moment, and all faults up to it are reported.
   *
   * @throws OrdealError; then the faults may be the old ones
   */
  async update(rules: readonly IoRuleRequest[], paused = false): Promise<void> {
    const timed = rules.map(timedFaults);
    const answer = await this.#pending.ask(
      (id) => this.#tell({ kind: 'update', id, rules: timed, paused, received: this.#receiver.received }),
      LIMITS.update,
    );
    if (answer?.kind === 'refused') throw refusalOf(answer);
    if (answer?.kind !== 'updated') throw new OrdealError('ORD-714', 'the keeper does not answer');
    this.#setDeadlines(timed);
  }

  /**
   * Cuts the power of the volume, which nobody may use now: whoever did has ended. {@link counts} are then those of this
   * moment.
   *
   * @throws OrdealError ORD-718 where no rule has anything kept
   */
  async cutPower(choice: Partial<Pick<PowerLoss, 'lose' | 'seed'>>): Promise<CutPower> {
    const task = { ...choice, kill: undefined, except: [] };
    const answer = await this.#pending.ask((id) => this.#tell({ kind: 'cut', id, ...task }), LIMITS.update);
    if (answer?.kind === 'refused') throw refusalOf(answer);
    if (answer?.kind !== 'cut') throw new OrdealError('ORD-714', 'the keeper does not answer');
    return answer.cut;
  }

  /** What a power failure could take away now; undefined where no rule has that kept, or nobody answers. */
  async unsynced(): Promise<UnsyncedReport | undefined> {
    const answer = await this.#pending.ask((id) => this.#tell({ kind: 'unsynced', id }), LIMITS.count);
    return answer?.kind === 'unsynced' ? answer.report : undefined;
  }

  /**
   * Ends the faults; the last injection of a volume restores it. Never throws; idempotent.
   */
  recover(): Promise<void> {
    this.#recovery ??= this.#recover();
    return this.#recovery;
  }

  /** @returns whether it has armed; false if the keeper is just restoring the volume */
  async #arm(): Promise<boolean> {
    const { volumePath, pid, claim } = this.#options;
    if (this.#keeper.joined && claim !== undefined) {
      const answer = await this.#take(claim);
      if (answer?.kind !== 'taken') return false;
      if (answer.taken) return this.#adopt(answer.taken);
    }
    const rules = this.#options.rules.map(timedFaults);
    const { id, inside, joined } = this.#keeper;
    const task = {
      id,
      pid: pid ?? (joined ? process.pid : undefined),
      path: volumePath,
      inside,
      rules,
      reported: this.#options.onFaults !== undefined,
      except: [process.pid],
      claim,
    };
    const answer = await this.#pending.ask(
      (question) => this.#tell({ kind: 'arm', id: question, task }),
      LIMITS.arm,
    );
    if (answer?.kind === 'refused') throw refusalOf(answer);
    if (answer?.kind === 'ending' || (joined && this.#over)) return false;
    if (answer?.kind !== 'armed')
      throw new OrdealError(
        'ORD-714',
        this.#over ? 'the keeper ended before it had armed' : 'the keeper does not answer',
      );
    this.#report = answer.report;
    this.#setDeadlines(rules);
    return true;
  }

  #take(claim: string): Promise<KeeperAnswer | undefined> {
    const except = [process.pid];
    return this.#pending.ask((id) => this.#tell({ kind: 'take', id, claim, except }), LIMITS.update);
  }

  /** Rules that are as they were go on as they are. */
  async #adopt({ report, counts }: TakenFaults): Promise<true> {
    this.#report = report;
    this.#counts = counts;
    this.#adopted = counts;
    await this.update(this.#options.rules);
    return true;
  }

  #setDeadlines(rules: readonly TimedFaults[]): void {
    const now = performance.now();
    this.#deadlines = rules.map(({ milliseconds = Number.POSITIVE_INFINITY }) => now + milliseconds);
  }

  async #fetch(): Promise<void> {
    if (!this.#options.onFaults) return;
    const { received } = this.#receiver;
    const ask = (id: number) => this.#tell({ kind: 'fetch', id, received: this.#receiver.received });
    await this.#pending.ask(ask, LIMITS.fetch);
    // What came is acknowledged at once, so that the server has room again.
    if (this.#receiver.received > received) await this.#pending.ask(ask, LIMITS.fetch);
  }

  async #recover(): Promise<void> {
    this.#tell({ kind: 'recover' });
    const limit = DeadlineTimer.after(LIMITS.recover, () => {
      this.#lost = true;
      this.#left = ['the keeper of the I/O faults does not answer: end it and run `ordeal recover`'];
      this.#reportUnknown();
      this.#tellEnded();
    });
    await this.#ended;
    limit.clear();
    this.#stopRenewal();
    this.#keeper.peer.close();
  }

  #hear(message: KeeperAnswer | KeeperNews): void {
    // An answer after the end does not include these faults any more.
    if ('counts' in message && !this.#over) this.#counts = message.counts;
    // Also if it comes later than its request waits.
    if ('batch' in message && message.batch) this.#hearFaults(message.batch);
    if ('id' in message) this.#pending.answer(message.id, message);
    else this.#hearNews(message);
  }

  #hearFaults(batch: FaultBatch): void {
    const reported = this.#receiver.accept(batch);
    if (reported) this.#options.onFaults?.(reported);
  }

  /** No more batches come, and the last one is missing. */
  #reportUnknown(): void {
    if (this.#report) this.#options.onFaults?.({ faults: [], dropped: undefined });
  }

  #hearNews(news: KeeperNews): void {
    const { note, volumePath } = this.#options;
    switch (news.kind) {
      case 'log':
        if (news.line !== '') note(news.line);
        break;
      case 'recovered':
        // Sent a second time if the server stayed for a while.
        if (!this.#over && news.batch === undefined) this.#reportUnknown();
        this.#left = news.left;
        if (news.failed) this.#lost = true;
        this.#over = true;
        this.#pending.end();
        this.#tellEnded();
        break;
      case 'quiet':
      case 'stirred':
        this.#quiet = news.kind === 'quiet';
        break;
      case 'halted':
        this.#options.onHalt?.();
        break;
      case 'deserted':
        this.#deserted = true;
        break;
      case 'lost':
        if (this.#recovery !== undefined) break;
        this.#lost = true;
        note(`the volume ${volumePath} is being restored: ${news.reason}`);
        break;
      case 'resumed': {
        const seconds = (news.milliseconds / 1000).toFixed(1);
        note(
          `the faults under ${volumePath} were off for ${seconds} s: this process or their keeper was stopped`,
        );
        break;
      }
    }
  }

  #end(): void {
    if (!this.#over && this.#report) {
      this.#lost = true;
      this.#reportUnknown();
      const message = 'the keeper of the I/O faults has died: run `ordeal recover`';
      if (this.#recovery === undefined) this.#options.note(message);
      else this.#left = [message];
    }
    this.#over = true;
    this.#stopRenewal();
    this.#pending.end();
    this.#tellEnded();
  }

  #tell(command: KeeperCommand): void {
    this.#keeper.peer.tell(command);
  }
}

/** Not where the process has ended. */
function isHeld(pid: number, path: string): boolean {
  try {
    return findHeldVolume(pid, path) !== undefined;
  } catch (error) {
    if (error instanceof OrdealError) return false;
    throw error;
  }
}

function timedFaults({ spec, instead, changesOnly, only, duration }: IoRuleRequest): TimedFaults {
  const faults = { ...faultsOf(spec), only };
  return {
    faults: instead ? { ...faults, action: instead, changesOnly: changesOnly ?? false } : faults,
    milliseconds: duration === undefined ? undefined : Number(duration) / 1e6,
  };
}

function refusalOf({ code, message }: KeeperAnswer & { kind: 'refused' }): OrdealError {
  return new OrdealError(code in codes ? (code as Code) : 'ORD-714', message);
}
