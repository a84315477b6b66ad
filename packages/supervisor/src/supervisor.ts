import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { KeeperProcess, recoverInjections } from '@ordeal/io-chaos';
import { untilNext } from '@ordeal/linux';
import { endsFaults, KernelWatch, type LogFinding, type RunEvent } from '@ordeal/node';
import { claimOf, idOfClaim, releaseUnwanted } from './claims.js';
import {
  checkId,
  type DesiredInjection,
  type Subject,
  subjectOf,
  type Work,
  workOf,
} from './desired-injection.js';
import { type Engine, NO_COUNTS, type Refusal } from './engine.js';
import { HeldInjection } from './held-injection.js';
import { IoEngine } from './io-engine.js';
import { Journal } from './journal.js';
import { INJECTIONS, type JournalEntry } from './journal-entry.js';
import { KernelEngine } from './kernel-engine.js';
import type { Status } from './status.js';
import { reached } from './steps.js';
import { findNamed, isSameTarget, mayReturn, pinTarget } from './target-name.js';

/** Milliseconds between steps of the loop: while something is to be done, or kernel faults are held; and otherwise. */
const TICK = 100;
const REST = 500;
/** The same if all targets are processes, whose end nobody is waiting for: a container may be started again at any time. */
const LONG_REST = 1000;
/** Drift in milliseconds between wall clock and monotonic clock from which the wall clock counts as set. */
const CLOCK_STEP = 250;

/** The desired state of an injection, without its id. */
export type Applied = Omit<DesiredInjection, 'id' | 'paused'> & { readonly paused?: boolean };

export type StatusListener = (status: Status) => void;

export interface SupervisorOptions {
  /** The directory of its journal. */
  readonly journal?: string;
  /** Whether programs wait for the next volume, which is then taken sooner. */
  readonly prepared?: boolean;
  /** Called with each event of injections that are reported. */
  readonly hear?: (id: string, event: RunEvent) => void;
}

/**
 * Holds injections on this machine: the desired ones in a journal on disk, the observed ones, and one loop that
 * reconciles them. When this process is killed, kernel faults end at once, and volumes are held on for five minutes. The next
 * supervisor of the same directory arms kernel faults again and takes over the volumes, with their counters and deadlines.
 */
export class Supervisor {
  readonly #engines: { readonly [kind in Work['kind']]: Engine<Work> };
  readonly #directory: string;
  readonly #journal: Journal<JournalEntry>;
  readonly #held = new Map<string, HeldInjection>();
  readonly #listeners = new Set<StatusListener>();
  readonly #written = new WeakMap<HeldInjection, JournalEntry>();
  /** Injections that are being lifted, by id: the next one of this id waits for it. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #watch = new KernelWatch();
  readonly #keeper: KeeperProcess;
  #ticker: NodeJS.Timeout | undefined;
  #clockOffset = Date.now() - performance.now();
  #closed: Promise<void> | undefined;

  /**
   * Undoes what dead injections left in the run directory, and continues with the journal's injections. What a killed supervisor
   * was about to lift is lifted.
   *
   * @throws OrdealError ORD-851 if another process holds it, ORD-852
   */
  static async open(runDirectory: string, options: SupervisorOptions = {}): Promise<Supervisor> {
    const directory = options.journal ?? join(runDirectory, 'supervisor');
    const journal = new Journal(directory, INJECTIONS);
    try {
      const recovered = await recoverInjections(runDirectory);
      reached('recovered');
      const held = recovered.filter(({ outcome }) => outcome === 'held').map(({ id }) => id);
      const entries = await releaseUnwanted({ runDirectory, directory, held }, journal.read());
      for (const entry of entries) journal.write(entry);
      reached('opened');
      const keeper = new KeeperProcess(runDirectory);
      return new Supervisor(directory, journal, entries, keeper, options);
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  private constructor(
    directory: string,
    journal: Journal<JournalEntry>,
    entries: readonly JournalEntry[],
    keeper: KeeperProcess,
    { prepared = false, hear }: SupervisorOptions,
  ) {
    this.#directory = directory;
    this.#journal = journal;
    this.#keeper = keeper;
    const io = new IoEngine(keeper, prepared, (claim, event) => hear?.(idOfClaim(directory, claim), event));
    this.#engines = { io, kernel: new KernelEngine() };
    for (const entry of entries) this.#goOn(entry);
    this.#tick();
  }

  /** Files of the journal that could not be read, under their new names. */
  get setAside(): readonly string[] {
    return this.#journal.setAside;
  }

  /**
   * Throws what applying it now would refuse; touches nothing.
   *
   * @throws ProblemsError, UnsupportedError, OrdealError
   */
  check(id: string, applied: Applied): Refusal[] {
    checkId(id);
    const work = workOf({ id, ...applied });
    const found = findNamed(pinTarget(applied.target));
    return found ? this.#engines[work.kind].check(work, found.target) : [];
  }

  /**
   * Sets the desired state of this id, whatever it was before: another deadline, pause and other faults change what
   * is armed, another target is armed anew. Returns when it is on disk; {@link watch} reports the result.
   *
   * @throws ProblemsError, UnsupportedError, OrdealError; nothing has changed then
   */
  async apply(id: string, { paused = false, ...applied }: Applied): Promise<void> {
    this.#refuseClosed();
    checkId(id);
    const held = this.#held.get(id);
    const before = held?.entry.desired;
    const desired: DesiredInjection = { id, ...applied, paused, target: pinTarget(applied.target) };
    const work = (before && hasSameWork(before, desired) ? held?.work : undefined) ?? workOf(desired);
    const alike = before && isSameTarget(before.target, desired.target) && work.kind === held?.kind;
    if (held && alike) {
      if (!held.entry.ended && isSameDesired(before, desired)) return;
      const { ended: _, ...rest } = held.entry;
      this.#journal.write({ ...rest, desired });
      reached('written');
      held.want(desired, work);
    } else {
      const entry: JournalEntry = { desired, since: Date.now(), counted: NO_COUNTS };
      this.#journal.write(entry);
      reached('written');
      this.#hold(entry, work, work, held ? this.#release(held) : this.#leaving.get(id));
    }
    void this.#held.get(id)?.step();
    this.#plan();
  }

  /** Lifts and removes it. Returns when the faults are gone; does nothing for an unknown id. */
  async remove(id: string): Promise<Status | undefined> {
    this.#refuseClosed();
    const held = this.#held.get(id);
    if (held === undefined) return undefined;
    // First the journal: the next supervisor must not arm it again.
    this.#journal.remove(id);
    reached('removed');
    this.#held.delete(id);
    await this.#release(held);
    return held.status;
  }

  /** One that is held, or has ended and was not removed; undefined if there is none. */
  status(id: string): Status | undefined {
    return this.#held.get(id)?.status;
  }

  /** All that are held, and those that have ended and were not removed. */
  list(): Status[] {
    return [...this.#held.values()].map(({ status }) => status);
  }

  /** Reports each status now and after each change. @returns a function that stops that */
  watch(listener: StatusListener): () => void {
    this.#listeners.add(listener);
    for (const status of this.list()) listener(status);
    return () => this.#listeners.delete(listener);
  }

  /** Lifts all faults, and leaves the desired injections to the next supervisor of this directory. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#ticker);
    await Promise.all([...[...this.#held.values()].map((held) => held.release()), ...this.#leaving.values()]);
    await this.#keeper.close();
    this.#listeners.clear();
    this.#watch.close();
    this.#journal.close();
  }

  /**
   * A document that this program no longer understands does not affect the others. What the kernel refuses now may be
   * possible later: that is decided, again and again, when it is armed.
   */
  #goOn(entry: JournalEntry): void {
    try {
      this.#hold(entry, subjectOf(entry.desired), undefined);
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
      this.#journal.putAside(entry.desired.id);
    }
  }

  #hold(entry: JournalEntry, subject: Subject, work: Work | undefined, after?: Promise<void>): void {
    const engine = this.#engines[subject.kind];
    const claim = claimOf(this.#directory, entry.desired.id);
    const held = new HeldInjection(entry, subject, work, engine, claim, (each) => this.#changed(each), after);
    this.#held.set(entry.desired.id, held);
    this.#written.set(held, entry);
  }

  #release(held: HeldInjection): Promise<void> {
    const { id } = held.entry.desired;
    const released = held.release().finally(() => {
      if (this.#leaving.get(id) === released) this.#leaving.delete(id);
    });
    this.#leaving.set(id, released);
    return released;
  }

  /** One that is stuck does not block the others: each steps independently. */
  #tick(): void {
    const offset = Date.now() - performance.now();
    const clockWasSet = Math.abs(offset - this.#clockOffset) > CLOCK_STEP;
    this.#clockOffset = offset;
    for (const finding of this.#watch.look()) this.#heed(finding);
    for (const held of this.#held.values()) {
      if (clockWasSet) held.clockWasSet();
      this.#keep(held);
      void held.step();
    }
    this.#plan();
  }

  /** Between the steps that something needs, the loop only looks whether anything has happened by itself. */
  #plan(): void {
    clearTimeout(this.#ticker);
    if (this.#closed) return;
    const held = [...this.#held.values()];
    const kernel = held.some(({ kind, found }) => kind === 'kernel' && found);
    const due = kernel ? TICK : Math.max(TICK, Math.min(...held.map((each) => each.due)));
    const rest = untilNext(held.some(({ entry }) => mayReturn(entry.desired.target)) ? REST : LONG_REST);
    this.#ticker = setTimeout(() => this.#tick(), Math.min(due, rest));
  }

  #heed(finding: LogFinding): void {
    for (const held of this.#held.values()) {
      const path = held.found?.target.cgroupPath;
      const endangered = { kind: held.kind, cgroups: path === undefined ? [] : [path] };
      if (endsFaults(finding, endangered)) void held.finish('kernel log');
    }
  }

  #changed(held: HeldInjection): void {
    const { status } = held;
    this.#keep(held);
    for (const listener of this.#listeners) listener(status);
  }

  /** Writes changed entries; a failed write is retried at each step. */
  #keep(held: HeldInjection): void {
    const { entry } = held;
    // An entry that was removed or replaced in between must not be restored.
    if (this.#written.get(held) === entry || this.#held.get(entry.desired.id) !== held) return;
    try {
      this.#journal.write(entry);
      this.#written.set(held, entry);
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
    }
  }

  #refuseClosed(): void {
    if (this.#closed) throw new OrdealError('ORD-851', 'This supervisor is closed');
  }
}

function isSameDesired(one: DesiredInjection, other: DesiredInjection): boolean {
  return hasSameWork(one, other) && one.deadline === other.deadline && one.paused === other.paused;
}

function hasSameWork(one: DesiredInjection, other: DesiredInjection): boolean {
  return one.document === other.document && one.seed === other.seed;
}
