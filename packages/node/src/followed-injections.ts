import { Attempts, OrdealError } from '@ordeal/diagnostics';
import { checkInjectable, IoInjection, type KeeperProcess } from '@ordeal/io-chaos';
import { processTree } from '@ordeal/linux';
import type { IoExperimentSpec } from './io-experiment.js';
import { ioFaultListener } from './io-fault-events.js';
import { leftNotes } from './left-notes.js';
import { processesOfTarget, type SeeingProcess } from './process-of-target.js';
import type { RunEventListener } from './run-event.js';
import type { RunNote } from './run-note.js';
import type { Target } from './target.js';

/** Milliseconds between searches for a target that has ended. */
const LOOK = 250;

/** An injection in one mount namespace. */
interface Placed {
  readonly injection: IoInjection;
  /** Undefined for that of this process. */
  readonly namespace: string | undefined;
}

/** What placing an injection uses besides its work and target. */
interface PlacingSupport {
  readonly onEvent: RunEventListener;
  readonly keeper: KeeperProcess;
}

/** A target, and the injections that it has now. */
interface Followed {
  target: Target;
  placed: readonly Placed[];
  /** Why the target has no faults although it is back. */
  obstacle: string | undefined;
}

/**
 * What several documents inject into the volume of their targets: one injection in each mount namespace, with a rule
 * for each document. A container that is restarted gets the faults again, as long as they last.
 */
export class FollowedInjections {
  readonly #works: readonly IoExperimentSpec[];
  readonly #support: PlacingSupport;
  readonly #followed: readonly Followed[];
  /** Of each rule, in milliseconds of performance.now(). */
  readonly #deadlines: readonly number[];
  readonly #all: IoInjection[];
  #looking: Promise<void> | undefined;
  readonly #attempts = new Attempts();
  #looked = 0;
  #released = false;

  /** Arms documents, which are for the same volume. @throws OrdealError; then everything is as it was */
  static async arm(
    works: readonly IoExperimentSpec[],
    targets: readonly Target[],
    onEvent: RunEventListener,
    keeper: KeeperProcess,
  ): Promise<FollowedInjections> {
    if (targets.length === 0) throw new OrdealError('ORD-301', 'There is no process to inject faults into');
    const followed: Followed[] = [];
    const placed: Placed[] = [];
    const support = { onEvent, keeper };
    try {
      for (const target of targets) {
        const own = await placeAll(works, target, support, placed);
        followed.push({ target, placed: own, obstacle: undefined });
      }
    } catch (error) {
      for (const { injection } of placed) await injection.recover();
      throw error;
    }
    return new FollowedInjections(works, support, followed);
  }

  private constructor(
    works: readonly IoExperimentSpec[],
    support: PlacingSupport,
    followed: readonly Followed[],
  ) {
    const now = performance.now();
    this.#works = works;
    this.#support = support;
    this.#followed = followed;
    this.#all = followed.flatMap(({ placed }) => placed.map(({ injection }) => injection));
    this.#deadlines = works.map(({ duration }) =>
      duration === undefined ? Number.POSITIVE_INFINITY : now + Number(duration) / 1e6,
    );
  }

  /** All that were ever armed. */
  get all(): readonly IoInjection[] {
    return this.#all;
  }

  /** Whether a rule may still cause faults, now or when a target is back. */
  isArmed(rule: number): boolean {
    if (this.targetsEnded || performance.now() >= (this.#deadlines[rule] ?? 0)) return false;
    return this.#followed.some(
      ({ target, placed }) =>
        placed.some(({ injection }) => injection.isArmed(rule)) ||
        (target.whenEnded.kind !== 'lift' && placed.some(({ injection }) => injection.deserted)),
    );
  }

  /** Whether no target is left that faults could affect. */
  get targetsEnded(): boolean {
    return this.#followed.every(
      ({ target: { whenEnded }, placed }) =>
        whenEnded.kind === 'lift' && (whenEnded.has() || placed.every(({ injection }) => injection.deserted)),
    );
  }

  /** Checks, at intervals, whether targets have ended or are back. */
  follow(): void {
    if (this.#looking || this.#released || performance.now() - this.#looked < LOOK) return;
    this.#looking = this.#look()
      .catch((error) => this.#attempts.add(error))
      .finally(() => {
        this.#looked = performance.now();
        this.#looking = undefined;
      });
  }

  /** Undoes everything. @throws errors since arming, when that is done */
  async release(): Promise<void> {
    this.#released = true;
    await this.#looking;
    const failed = (error: unknown) => this.#attempts.add(error);
    await Promise.all(this.#all.map((injection) => injection.recover().catch(failed)));
    this.#attempts.report();
  }

  async #look(): Promise<void> {
    for (const followed of this.#followed) {
      const { target } = followed;
      if (target.whenEnded.kind !== 'follow') continue;
      if (!followed.placed.some(({ injection }) => injection.deserted)) continue;
      if (followed.obstacle === undefined) {
        followed.obstacle = '';
        this.#support.onEvent({ type: 'target-ended', ...this.#about(followed) });
      }
      const found = target.whenEnded.find();
      if (found) await this.#placeAgain(followed, found);
    }
  }

  async #placeAgain(followed: Followed, target: Target): Promise<void> {
    const live = followed.placed.filter(({ injection }) => !injection.deserted);
    const fresh = processesOfTarget(target).filter(
      ({ namespace }) => !live.some((each) => each.namespace === namespace),
    );
    const begun = performance.now();
    const works = this.#works.map((work, rule) => ({ ...work, duration: this.#remaining(rule) }));
    const placed: Placed[] = [];
    for (const seeing of fresh) {
      if (this.#released) break;
      try {
        // Cheaper than being refused by a keeper again and again.
        checkInjectable(this.#support.keeper.runDirectory, seeing.pid, works[0]?.spec.volumePath ?? '');
        placed.push(await place(works, target, seeing, this.#support));
      } catch (error) {
        if (!(error instanceof OrdealError)) throw error;
        this.#hinder(followed, error.message);
      }
    }
    if (placed.length === 0) return;
    this.#all.push(...placed.map(({ injection }) => injection));
    followed.target = target;
    followed.placed = [...live, ...placed];
    followed.obstacle = undefined;
    const armingMs = Math.round(performance.now() - begun);
    const moved = placed.flatMap(({ injection }) => injection.report?.processes ?? []);
    this.#support.onEvent({ type: 'target-back', ...this.#about(followed), moved, armingMs });
  }

  /** Each obstacle is reported once: the volume of a container that is starting may be mounted a moment later. */
  #hinder(followed: Followed, reason: string): void {
    // Each attempt may go through another process.
    const obstacle = reason.replaceAll(/\d+/g, 'N');
    if (followed.obstacle === obstacle) return;
    followed.obstacle = obstacle;
    const note = { kind: 'volume missing', target: followed.target.description, reason } as const;
    this.#support.onEvent({ type: 'note', at: new Date().toISOString(), note });
  }

  #remaining(rule: number): bigint | undefined {
    const left = (this.#deadlines[rule] ?? 0) - performance.now();
    return left === Number.POSITIVE_INFINITY ? undefined : BigInt(Math.max(0, Math.round(left * 1e6)));
  }

  #about({ target }: Followed) {
    const experiments = this.#works.flatMap(({ name }, rule) => (this.isArmed(rule) ? [name] : []));
    return { at: new Date().toISOString(), experiments, target: target.description };
  }
}

/**
 * Injects in every mount namespace of a target that has the volume: a container beside another one in a pod need not.
 *
 * @param placed receives each one as soon as it is armed
 */
async function placeAll(
  works: readonly IoExperimentSpec[],
  target: Target,
  support: PlacingSupport,
  placed: Placed[],
): Promise<Placed[]> {
  const seeing = processesOfTarget(target);
  // A command that has not started yet will see the same mounts as this process.
  const places = seeing.length > 0 || target.whenEnded.kind !== 'stay' ? seeing : [undefined];
  const own: Placed[] = [];
  let missing: OrdealError | undefined;
  for (const where of places) {
    try {
      const injected = await place(works, target, where, support);
      own.push(injected);
      placed.push(injected);
    } catch (error) {
      if (!(error instanceof OrdealError) || error.code !== 'ORD-753' || places.length === 1) throw error;
      missing ??= error;
    }
  }
  if (own.length > 0) return own;
  throw missing ?? new OrdealError('ORD-301', `${target.description} has no process now`);
}

async function place(
  works: readonly IoExperimentSpec[],
  target: Target,
  seeing: SeeingProcess | undefined,
  { onEvent, keeper }: PlacingSupport,
): Promise<Placed> {
  const tell = (note: RunNote) => onEvent({ type: 'note', at: new Date().toISOString(), note });
  const volumePath = works[0]?.spec.volumePath ?? '';
  const injection = await IoInjection.arm({
    volumePath,
    rules: works,
    pid: seeing?.pid,
    keeper,
    note: (message) => tell({ kind: 'keeper', message }),
    onFaults: works.some(({ faults }) => faults) ? ioFaultListener(works, onEvent) : undefined,
  });
  const left = injection.report?.left ?? [];
  // Most moves leave nothing, and searching all descendants takes long.
  const own = new Set(left.length > 0 ? target.processes().flatMap(processTree) : []);
  for (const note of leftNotes(left, own)) tell(note);
  return { injection, namespace: seeing?.namespace };
}
