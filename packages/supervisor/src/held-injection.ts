import { isDeepStrictEqual } from 'node:util';
import { OrdealError } from '@ordeal/diagnostics';
import { ProcessEnd, SyscallError } from '@ordeal/linux';
import { isThere, type LiftReason } from '@ordeal/node';
import { type DesiredInjection, type Subject, type Work, workOf } from './desired-injection.js';
import {
  addCounts,
  type Counts,
  countsBeyond,
  type Engine,
  type Injection,
  type InjectionState,
  NO_COUNTS,
  type Observation,
  type Refusal,
} from './engine.js';
import type { EndReason, JournalEntry } from './journal-entry.js';
import type { Phase, Status } from './status.js';
import { reached } from './steps.js';
import { type FoundTarget, findNamed, mayReturn } from './target-name.js';

/** Milliseconds until a refused injection is retried: first and longest delay. */
const FIRST_RETRY = 250;
const LAST_RETRY = 30_000;
/** Milliseconds between reads of the counters, at least; less than the steps of the loop are apart. */
const OBSERVE = 900;

/** One desired injection: each {@link step} brings its state closer to the desired one. */
export class HeldInjection {
  readonly #engine: Engine<Work>;
  readonly #claim: string;
  readonly #changed: (held: HeldInjection) => void;
  #entry: JournalEntry;
  #subject: Subject;
  #work: Work | undefined;
  #injection: Injection<Work> | undefined;
  #found: FoundTarget | undefined;
  /** Of the target, if it is a process. */
  #end: ProcessEnd | undefined;
  #phase: Phase;
  #refusal: Refusal | undefined;
  #armings = 0;
  #left: readonly string[] = [];
  #last: Pick<Observation, 'counts' | 'sites'>;
  #outdated = false;
  /** What the injection was armed for, or changed to, last. */
  #settledFor: DesiredInjection | undefined;
  #retry = FIRST_RETRY;
  /** On the clock of `performance.now()`, like all times here except deadlines. */
  #retryAt = 0;
  #observedAt = 0;
  #observing = false;
  /** Whether nothing has happened since the last observation began. */
  #observed = false;
  /** Resolves when no operation is running; operations run one after the other. */
  #turn: Promise<unknown>;
  #waiting = 0;
  #released = false;

  /**
   * @param work undefined if this host has refused it; retried
   * @param claim see {@link Engine.arm}
   * @param changed called after each change of the status or the entry
   * @param after no operation starts before this resolves
   */
  constructor(
    entry: JournalEntry,
    subject: Subject,
    work: Work | undefined,
    engine: Engine<Work>,
    claim: string,
    changed: (held: HeldInjection) => void,
    after: Promise<unknown> = Promise.resolve(),
  ) {
    this.#turn = after;
    this.#entry = entry;
    this.#subject = subject;
    this.#work = work;
    this.#engine = engine;
    this.#claim = claim;
    this.#last = { counts: entry.observed ?? NO_COUNTS, sites: [] };
    this.#changed = changed;
    this.#phase = entry.ended ? 'ended' : 'pending';
  }

  get entry(): JournalEntry {
    return this.#entry;
  }

  get kind(): Work['kind'] {
    return this.#subject.kind;
  }

  /** In how many milliseconds something must be done for it, as far as known: 0 = nothing is as desired yet. */
  get due(): number {
    if (this.#phase === 'ended') return Number.POSITIVE_INFINITY;
    if (this.#injection === undefined) return Math.max(0, this.#retryAt - performance.now());
    if (this.#outdated || this.#waiting > 0) return 0;
    const { deadline } = this.#entry.desired;
    return deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline - Date.now());
  }

  /** Undefined while this host refuses it. */
  get work(): Work | undefined {
    return this.#work;
  }

  /** The target that it is armed for. */
  get found(): FoundTarget | undefined {
    return this.#found;
  }

  get status(): Status {
    const { desired, since, counted, ended } = this.#entry;
    return {
      id: desired.id,
      kind: this.#subject.kind === 'io' ? 'IOChaos' : 'KernelChaos',
      experiment: this.#subject.name,
      target: desired.target,
      phase: this.#phase,
      ...(this.#refusal && { refusal: this.#refusal }),
      ...(ended && { ended: ended.reason }),
      since,
      ...(desired.deadline !== undefined && { deadline: desired.deadline }),
      paused: desired.paused,
      outdated: this.#injection !== undefined && this.#settledFor !== desired,
      ...(this.#found && { identity: this.#found.identity }),
      armings: this.#armings,
      counts: addCounts(counted, this.#last.counts),
      sites: this.#last.sites,
      left: this.#left,
    };
  }

  /** Another desired state of the same id, which is in the journal already. */
  want(desired: DesiredInjection, work: Work): void {
    const { ended: _, ...rest } = this.#entry;
    this.#entry = { ...rest, desired };
    this.#subject = work;
    this.#work = work;
    this.#outdated = true;
    this.#refusal = undefined;
    this.#retry = FIRST_RETRY;
    this.#retryAt = 0;
    if (this.#phase === 'ended') this.#phase = 'pending';
    this.#changed(this);
  }

  /** The wall clock was set: deadlines must be set again. */
  clockWasSet(): void {
    this.#outdated = true;
  }

  /** Takes one step, unless an operation is running. Never rejects. */
  async step(): Promise<void> {
    if (this.#waiting > 0 || this.#released || this.#phase === 'ended') return;
    // Nearly always: nothing to wait for, and nothing that the loop would have to look after soon.
    if (this.#injection && this.#isAsDesired(this.#injection)) this.#observeInTime(this.#injection);
    else await this.#inTurn(() => this.#advance());
  }

  /** Ends it before its time; it stays in the journal as ended. Never rejects. */
  finish(reason: EndReason): Promise<void> {
    return this.#inTurn(() => this.#finish(reason));
  }

  /** Lifts the faults, for good in this process. Never rejects. */
  release(): Promise<void> {
    this.#released = true;
    return this.#inTurn(() => this.#letGo('interrupted'));
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#waiting++;
    const done = this.#turn
      .then(action)
      .catch((error) => this.#refuse(error))
      .finally(() => this.#waiting--);
    this.#turn = done;
    return done;
  }

  async #advance(): Promise<void> {
    if (this.#released || this.#phase === 'ended') return;
    const { deadline } = this.#entry.desired;
    if (deadline !== undefined && Date.now() >= deadline) return this.#finish('deadline');
    if (this.#injection === undefined) return this.#arm();
    if (this.#outdated) await this.#update(this.#injection);
    if (!this.#isThere() || GONE.has(this.#injection.state)) return this.#follow();
    this.#observeInTime(this.#injection);
  }

  #isAsDesired({ state }: Injection<Work>): boolean {
    const { deadline } = this.#entry.desired;
    const lasts = deadline === undefined || Date.now() < deadline;
    return lasts && !this.#outdated && !GONE.has(state) && this.#isThere();
  }

  #isThere(): boolean {
    return this.#end ? !this.#end.reached : this.#found !== undefined && isThere(this.#found.target);
  }

  #observeInTime(injection: Injection<Work>): void {
    if (this.#observed && injection.quiet) return;
    if (performance.now() - this.#observedAt >= OBSERVE) void this.#observe(injection);
  }

  async #arm(): Promise<void> {
    if (performance.now() < this.#retryAt) return;
    const { desired } = this.#entry;
    const found = findNamed(desired.target);
    if (found === undefined) {
      if (!mayReturn(desired.target)) return this.#finish('target ended');
      this.#retryAt = performance.now() + FIRST_RETRY;
      return this.#become('waiting');
    }
    this.#outdated = false;
    this.#work ??= workOf(desired);
    reached('arming');
    this.#injection = await this.#engine.arm(this.#work, found.target, desired, this.#claim);
    reached('armed');
    this.#goOnFrom(this.#injection.adopted);
    this.#settledFor = desired;
    this.#found = found;
    this.#end = endOf(found);
    this.#armings++;
    this.#retry = FIRST_RETRY;
    this.#observedAt = performance.now();
    this.#become(this.#injection.state === 'paused' ? 'paused' : 'active');
  }

  /** What a process that died had counted, and its faults cannot count any more, is remembered. */
  #goOnFrom(adopted: Counts): void {
    const { observed = NO_COUNTS, counted, ...rest } = this.#entry;
    const beyond = countsBeyond(observed, adopted);
    this.#entry = { ...rest, counted: addCounts(counted, beyond), observed: adopted };
    this.#last = { counts: adopted, sites: [] };
  }

  async #update(injection: Injection<Work>): Promise<void> {
    this.#outdated = false;
    const { desired } = this.#entry;
    this.#work ??= workOf(desired);
    reached('updating');
    if (!(await injection.update(this.#work, desired))) {
      this.#become('pending');
      await this.#letGo('interrupted');
      return this.#arm();
    }
    reached('updated');
    this.#settledFor = desired;
    this.#observedAt = Number.NEGATIVE_INFINITY;
    this.#phase = desired.paused ? 'paused' : 'active';
    this.#refusal = undefined;
    this.#changed(this);
  }

  /** The target has ended, or the injecting process has died: start again as at first. */
  async #follow(): Promise<void> {
    await this.#letGo('target ended');
    this.#become('waiting');
    await this.#arm();
  }

  /** Not awaited: one that does not answer must still be ended. */
  async #observe(injection: Injection<Work>): Promise<void> {
    if (this.#observing) return;
    this.#observing = true;
    this.#observed = injection.quiet;
    this.#observedAt = performance.now();
    const last = await injection.observe().catch(() => undefined);
    this.#observing = false;
    if (last === undefined) this.#observed = false;
    if (last === undefined || this.#injection !== injection) return;
    if (!isDeepStrictEqual(last.counts, this.#last.counts))
      this.#entry = { ...this.#entry, observed: last.counts };
    this.#last = last;
    this.#changed(this);
  }

  async #finish(reason: EndReason): Promise<void> {
    if (this.#released || this.#phase === 'ended') return;
    const { desired } = this.#entry;
    await this.#letGo(LIFTED_BY[reason]);
    // Applied again while the faults were being lifted, with another deadline for instance.
    if (this.#entry.desired !== desired) return this.#become('pending');
    this.#entry = { ...this.#entry, ended: { reason, at: Date.now() } };
    this.#become('ended');
  }

  async #letGo(reason: LiftReason): Promise<void> {
    const injection = this.#injection;
    if (injection === undefined) return;
    const { counts, sites, left } = await injection.end(reason);
    reached('lifted');
    this.#injection = undefined;
    this.#found = undefined;
    this.#end?.close();
    this.#end = undefined;
    this.#left = left;
    const { observed: _, counted, ...rest } = this.#entry;
    this.#entry = { ...rest, counted: addCounts(counted, counts) };
    this.#last = { counts: NO_COUNTS, sites };
    this.#changed(this);
  }

  #refuse(error: unknown): void {
    const code = error instanceof OrdealError ? error.code : 'ORD-999';
    this.#refusal = { code, message: error instanceof Error ? error.message : String(error) };
    this.#retryAt = performance.now() + this.#retry;
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
    // Faults that could not be changed are as they were; the change is retried.
    if (this.#injection) this.#outdated = true;
    else this.#phase = 'failed';
    this.#changed(this);
  }

  #become(phase: Phase): void {
    const same = this.#phase === phase && this.#refusal === undefined;
    this.#phase = phase;
    this.#refusal = undefined;
    if (!same) this.#changed(this);
  }
}

const LIFTED_BY: Readonly<Record<EndReason, LiftReason>> = {
  deadline: 'duration',
  'target ended': 'target ended',
  'kernel log': 'guardrail',
};

const GONE: ReadonlySet<InjectionState> = new Set(['deserted', 'lost']);

/** `undefined` if the target is no process, or not there any more. */
function endOf({ target }: FoundTarget): ProcessEnd | undefined {
  if (target.scope?.kind !== 'process-tree') return undefined;
  try {
    const end = new ProcessEnd(target.scope.pid);
    if (isThere(target)) return end;
    end.close();
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
  return undefined;
}
