import type { IOChaosSpec } from '@ordeal/experiment';
import type { KeeperProcess, MethodCount } from '@ordeal/io-chaos';
import type { VolumeFaults } from './armed-faults.js';
import { withSeed } from './drawn-seed.js';
import { fileMatches } from './file-matches.js';
import { FollowedInjections } from './followed-injections.js';
import { armedEvent, countersOf, liftedEvent, methodSums, undoLogOf } from './io-run-events.js';
import { processesOfTarget } from './process-of-target.js';
import type { LiftReason, RunEventListener } from './run-event.js';
import type { Target } from './target.js';

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
      onEvent(armedEvent(work, faults, { targets, injections: injections.all, armingMs }));
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
      counters: countersOf(methods),
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
    const undoLog = await undoLogOf(this.#work.spec, injections.all);
    await this.#letGo();
    const ended = this.lost ? 'failed' : reason === 'duration' && targetsEnded ? 'target ended' : reason;
    const end = { reason: ended, elapsedMs, methods: this.#methods(), undoLog } as const;
    this.#onEvent(liftedEvent(this.#work, this.#faults, injections.all.length, end));
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
    for (const what of injections.all.flatMap(({ left }) => left)) {
      const note = { kind: 'not moved back', what } as const;
      this.#onEvent({ type: 'note', at: new Date().toISOString(), note });
    }
  }

  #slowest(): { readonly slowestMs?: number } {
    const waits = this.#counts().flatMap(({ slowestMs }) => slowestMs ?? []);
    return waits.length === 0 ? {} : { slowestMs: Math.max(...waits) };
  }

  #counts(): MethodCount[] {
    return this.#shared.injections.all.flatMap(({ counts }) => counts[this.#rule] ?? []);
  }

  #methods(): MethodCount[] {
    return methodSums(this.#counts());
  }
}

/** A command that has not started yet will see the same mounts as this process. */
function seeingPids(targets: readonly Target[]): number[] {
  return targets.flatMap((target) => {
    const seeing = processesOfTarget(target).map(({ pid }) => pid);
    return seeing.length > 0 ? seeing : [process.pid];
  });
}
