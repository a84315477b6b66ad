import type { IOChaosSpec } from '@ordeal/experiment';
import type { KeeperProcess, MethodCount } from '@ordeal/io-chaos';
import { type Counters, sumCounters } from '@ordeal/kernel-chaos';
import { readProcessStatus } from '@ordeal/linux';
import type { VolumeFaults } from './armed-faults.js';
import { soleMatch, withSeed } from './drawn-seed.js';
import { fileMatches } from './file-matches.js';
import { FollowedInjections } from './followed-injections.js';
import { processesOfTarget } from './process-of-target.js';
import type { LiftReason, RunEventListener, UndoLogSize } from './run-event.js';
import type { Target } from './target.js';
import { volumeReach } from './volume-reach.js';

/** An IOChaos that was checked and can be armed. */
export interface IoExperimentSpec {
  readonly kind: 'io';
  readonly name: string;
  readonly spec: IOChaosSpec;
  /** Whether each fault is reported. */
  readonly faults: boolean;
  /** The numbers of the matches that get a fault, whatever the document says; undefined = as it says. */
  readonly only?: readonly number[] | undefined;
  /** Nanoseconds; undefined = until it is lifted. */
  readonly duration: bigint | undefined;
}

/** The injections that several documents share; the last document that is lifted undoes them. */
interface Shared {
  readonly injections: FollowedInjections;
  /** Documents that were not lifted yet. */
  armed: number;
}

/**
 * One armed IOChaos that reports what happens to it: a rule of an injection in each mount namespace of its targets.
 */
export class IoExperiment {
  readonly #work: IoExperimentSpec;
  /** Which rule of the injections it is. */
  readonly #rule: number;
  readonly #faults: VolumeFaults;
  readonly #shared: Shared;
  readonly #onEvent: RunEventListener;
  readonly #armedAt = performance.now();
  #lifted = false;

  /**
   * Arms documents for the same volume and the same targets together, as rules in their order.
   *
   * @param keeper for volumes that nobody holds; the caller's
   * @throws OrdealError; then everything is as it was
   */
  static async arm(
    documents: readonly IoExperimentSpec[],
    targets: readonly Target[],
    onEvent: RunEventListener,
    keeper: KeeperProcess,
  ): Promise<IoExperiment[]> {
    const works = documents.map((each) => ({ ...each, spec: withSeed(each.spec) }));
    const begun = performance.now();
    // Later the volume is served with its faults, and a look at it would meet them.
    const matched = works.map(({ spec }) => fileMatches(keeper.runDirectory, spec, seeingPids(targets)));
    const injections = await FollowedInjections.arm(works, targets, onEvent, keeper);
    const armingMs = Math.round(performance.now() - begun);
    const shared: Shared = { injections, armed: works.length };
    return works.map((work, rule) => {
      const { spec, only } = work;
      const faults: VolumeFaults = { kind: 'io', spec, matched: matched[rule], only };
      const experiment = new IoExperiment(work, rule, faults, shared, onEvent);
      experiment.#tellArmed(targets, armingMs);
      return experiment;
    });
  }

  private constructor(
    work: IoExperimentSpec,
    rule: number,
    faults: VolumeFaults,
    shared: Shared,
    onEvent: RunEventListener,
  ) {
    this.#work = work;
    this.#rule = rule;
    this.#faults = faults;
    this.#shared = shared;
    this.#onEvent = onEvent;
  }

  get name(): string {
    return this.#work.name;
  }

  /** Whether its time has run out. */
  get expired(): boolean {
    return !this.#shared.injections.isArmed(this.#rule);
  }

  /** Checks for targets that have ended or are back. */
  follow(): void {
    this.#shared.injections.follow();
  }

  /** Whether the injecting process has died. */
  get lost(): boolean {
    return this.#shared.injections.all.some((injection) => injection.lost);
  }

  /** Reports the most recent counters. */
  report(): void {
    if (this.#lifted) return;
    const elapsedMs = Math.round(performance.now() - this.#armedAt);
    const { duration, name } = this.#work;
    const methods = this.#methods();
    this.#onEvent({
      type: 'counters',
      at: new Date().toISOString(),
      experiment: name,
      counters: sumsOf(methods),
      methods,
      ...this.#slowest(),
      elapsedMs,
      remainingMs:
        duration === undefined ? undefined : Math.max(0, Number(duration / 1_000_000n) - elapsedMs),
    });
    for (const injection of this.#shared.injections.all) void injection.count();
  }

  /** Reports the faults since the last call, if the run asked for them. */
  reportFaults(): void {
    for (const injection of this.#shared.injections.all) void injection.fetchFaults();
  }

  /** Ends the faults, moves the processes back, and reports the result. A second call does nothing. */
  async lift(reason: LiftReason): Promise<void> {
    if (this.#lifted) return;
    this.#lifted = true;
    const elapsedMs = Math.round(performance.now() - this.#armedAt);
    const { injections } = this.#shared;
    const { targetsEnded } = injections;
    const undoLog = await this.#undoLog();
    await this.#letGo();
    const at = new Date().toISOString();
    const methods = this.#methods();
    const counters = sumsOf(methods);
    this.#onEvent({
      type: 'lifted',
      at,
      experiment: this.#work.name,
      reason: this.lost ? 'failed' : reason === 'duration' && targetsEnded ? 'target ended' : reason,
      elapsedMs,
      counters,
      methods,
      sites: [],
      seed: this.#work.spec.seed,
      match: injections.all.length === 1 ? soleMatch(this.#work, counters.fired) : undefined,
      ...(undoLog && { undoLog }),
      faults: this.#faults,
    });
  }

  /** The last one undoes the injections; the others ended at their own time. */
  async #letGo(): Promise<void> {
    const { injections } = this.#shared;
    this.#shared.armed--;
    if (this.#shared.armed > 0) {
      await Promise.all(injections.all.flatMap((each) => [each.count(), each.fetchFaults()]));
      return;
    }
    await injections.release();
    for (const message of injections.all.flatMap(({ left }) => left)) {
      this.#onEvent({ type: 'note', at: new Date().toISOString(), message: `not moved back: ${message}` });
    }
  }

  /** Of all volumes; it ends with its volume. */
  async #undoLog(): Promise<UndoLogSize | undefined> {
    if (this.#work.spec.action !== 'powerLoss') return undefined;
    const all = await Promise.all(this.#shared.injections.all.map((each) => each.unsynced()));
    const told = all.filter((report) => report !== undefined);
    if (told.length === 0) return undefined;
    const sum = (of: (report: (typeof told)[number]) => number) =>
      told.reduce((total, report) => total + of(report), 0);
    return {
      memoryBytes: sum(({ mostKept }) => mostKept.memory),
      fileBytes: sum(({ mostKept }) => mostKept.file),
      writtenBack: sum(({ writtenBack }) => writtenBack),
    };
  }

  #tellArmed(targets: readonly Target[], armingMs: number): void {
    const { name, spec, duration, only } = this.#work;
    const moved = this.#shared.injections.all.flatMap(({ report }) => report?.processes ?? []);
    this.#onEvent({
      type: 'armed',
      at: new Date().toISOString(),
      experiment: name,
      faults: this.#faults,
      targets: targets.map(({ description }) => description),
      reach: targets.map(volumeReach),
      durationNs: duration,
      probabilityPercent: spec.percent,
      after: spec.after,
      every: spec.every,
      times: spec.times ?? 0,
      seed: spec.seed,
      replayed: only?.length,
      moved: moved.map((each) => ({ ...each, command: readProcessStatus(each.pid)?.name ?? '' })),
      programs: 0,
      armingMs,
    });
  }

  #slowest(): { readonly slowestMs?: number } {
    const waits = this.#counts().flatMap(({ slowestMs }) => slowestMs ?? []);
    return waits.length === 0 ? {} : { slowestMs: Math.max(...waits) };
  }

  #counts(): MethodCount[] {
    return this.#shared.injections.all.flatMap(({ counts }) => counts[this.#rule] ?? []);
  }

  #methods(): MethodCount[] {
    const sums = new Map<string, MethodCount>();
    for (const { method, reached, fired } of this.#counts()) {
      const sum = sums.get(method) ?? { method, reached: 0, fired: 0 };
      sums.set(method, { method, reached: sum.reached + reached, fired: sum.fired + fired });
    }
    return [...sums.values()];
  }
}

function sumsOf(methods: readonly MethodCount[]): Counters {
  const sum = (key: 'reached' | 'fired') => BigInt(methods.reduce((total, each) => total + each[key], 0));
  return { ...sumCounters([]), reached: sum('reached'), matched: sum('reached'), fired: sum('fired') };
}

/** A command that has not started yet will see the same mounts as this process. */
function seeingPids(targets: readonly Target[]): number[] {
  return targets.flatMap((target) => {
    const seeing = processesOfTarget(target).map(({ pid }) => pid);
    return seeing.length > 0 ? seeing : [process.pid];
  });
}
