import { Attempts, OrdealError } from '@ordeal/diagnostics';
import type { CheckedExperiment } from './check-experiments.js';
import { IoExperiment } from './io-experiment.js';
import { KernelExperiment } from './kernel-experiment.js';
import { endsFaults, KernelWatch } from './kernel-watch.js';
import type { LiftReason } from './run-event.js';
import type { RunNote } from './run-note.js';
import type { RunRequest } from './run-request.js';
import { ScheduleRunner } from './schedule-runner.js';
import { type FindTargets, type Start, startsTogether } from './starts-together.js';
import type { Target } from './target.js';
import { TargetEnds } from './target-ends.js';

/** Milliseconds between checks of the deadlines and the kernel log. */
const TICK = 100;

/** Codes of targets that do not exist now and may exist the next time. */
const ABSENT: ReadonlySet<string> = new Set(['ORD-301', 'ORD-302', 'ORD-305']);

/**
 * All experiments of one foreground run, from `begin` to `end`. The caller calls `end` in every case.
 */
export class ForegroundRun {
  readonly #checked: readonly CheckedExperiment[];
  readonly #request: RunRequest;
  readonly #active = new Set<KernelExperiment | IoExperiment>();
  /** With the kind of faults that each starts. */
  readonly #schedules = new Map<ScheduleRunner, 'kernel' | 'io'>();
  /** Work in progress, with the name of its experiment: lifting I/O faults, and starts by a schedule. */
  readonly #lifting = new Map<Promise<void>, string>();
  readonly #starting = new Map<Promise<void>, string>();
  /** Errors while something was lifted; `end` reports them. */
  readonly #attempts = new Attempts();
  #ended = false;
  /** Whether anything was ever armed. */
  #armed = false;
  #watch: KernelWatch | undefined;
  readonly #ends: TargetEnds;
  #ticker: NodeJS.Timeout | undefined;
  #reported = 0;
  #findings = 0;
  #settle: (() => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  /** All targets that were ever chosen. */
  readonly #targets: Target[] = [];

  constructor(checked: readonly CheckedExperiment[], request: RunRequest) {
    this.#checked = checked;
    this.#request = request;
    this.#ends = new TargetEnds(request.onEvent);
  }

  /** Whether an experiment makes block I/O fail from any source, writeback included. */
  get failsBlockIo(): boolean {
    return this.#checked.some(
      ({ work }) =>
        work.kind === 'kernel' && work.plan.faultPoint.failtype === 2 && work.plan.frames.length === 0,
    );
  }

  /** The run itself reports how its command ends. */
  commandIs(pid: number): void {
    this.#ends.except(pid);
  }

  /** Tells the user something that does not change the result. */
  note(note: RunNote): void {
    this.#request.onEvent({ type: 'note', at: new Date().toISOString(), note });
  }

  /**
   * Arms everything that starts now and plans the rest.
   *
   * @param find finds the targets of one experiment; called again at each start of a schedule
   * @throws OrdealError; then call `end`
   */
  async begin(find: FindTargets): Promise<void> {
    this.#watch = new KernelWatch();
    if (!this.#watch.able) this.note({ kind: 'kernel log unreadable' });
    await this.#startAll(
      this.#checked.filter(({ schedule }) => schedule === undefined),
      find,
    );
    for (const checked of this.#checked) {
      const { schedule } = checked;
      const { name } = checked.work;
      if (schedule === undefined) continue;
      const runner = new ScheduleRunner(schedule, this.#request.onEvent, () => {
        if (schedule.spec.concurrencyPolicy === 'Forbid' && this.#isBusy(name)) {
          this.note({ kind: 'still runs', experiment: name });
          return undefined;
        }
        return this.#startLater(checked, find);
      });
      this.#schedules.set(runner, checked.work.kind);
    }
    this.#ticker = setInterval(() => this.#tick(), TICK);
    this.#request.onEvent({ type: 'run-started', at: new Date().toISOString() });
  }

  /** Whether an experiment is being started, runs, or is being lifted. */
  #isBusy(name: string): boolean {
    const names = [...this.#active].map((experiment) => experiment.name);
    return [...names, ...this.#starting.values(), ...this.#lifting.values()].includes(name);
  }

  #startLater(checked: CheckedExperiment, find: FindTargets): Promise<void> {
    const { name } = checked.work;
    const started = this.#startAll([checked], find)
      .catch((error) => {
        const absent = error instanceof OrdealError && ABSENT.has(error.code);
        if (absent) this.note({ kind: 'not started', experiment: name, reason: error.message });
        else this.#fail?.(error);
      })
      .finally(() => this.#starting.delete(started));
    this.#starting.set(started, name);
    return started;
  }

  async #startAll(checked: readonly CheckedExperiment[], find: FindTargets): Promise<void> {
    for (const start of startsTogether(checked, find)) await this.#start(start);
  }

  async #start({ targets, kernel, io }: Start): Promise<void> {
    this.#targets.push(...targets);
    this.#ends.add(targets);
    const { onEvent, keeper } = this.#request;
    const experiments = [...kernel, ...io].map(({ name }) => name);
    onEvent({ type: 'arming', at: new Date().toISOString(), experiments });
    for (const work of kernel) {
      this.#active.add(new KernelExperiment(work, targets, onEvent));
      this.#armed = true;
    }
    if (io.length === 0) return;
    const armed = await IoExperiment.arm(io, targets, onEvent, keeper);
    this.#armed = true;
    for (const experiment of armed) this.#active.add(experiment);
    if (this.#ended) await Promise.all(armed.map((each) => each.lift('interrupted')));
  }

  /** Resolves when nothing is left to do, or at the signal. Rejects when a scheduled start fails. */
  settled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#settleWhenDone();
    });
  }

  /**
   * Lifts everything that is still armed and releases the rest. A second call does nothing.
   *
   * @throws errors of any lifting, when everything has been lifted
   */
  async end(reason: LiftReason): Promise<void> {
    this.#ended = true;
    clearInterval(this.#ticker);
    for (const schedule of this.#schedules.keys()) schedule.stop();
    this.#schedules.clear();
    await Promise.all(this.#starting.keys());
    for (const experiment of this.#active) {
      // I/O continues without faults as soon as lifting begins; kernel faults end at once.
      this.#lift(experiment, experiment.expired ? 'duration' : reason);
    }
    await Promise.all(this.#lifting.keys());
    this.#attempts.run(() => this.#ends.report());
    this.#ends.close();
    this.#attempts.run(() => this.#endWatch());
    this.#attempts.report();
  }

  #endWatch(): void {
    const watch = this.#watch;
    if (!watch) return;
    try {
      this.#lookAtLog();
      if (this.#armed && watch.able && this.#findings === 0) {
        this.#request.onEvent({ type: 'kernel-log-clean', at: new Date().toISOString() });
      }
    } finally {
      watch.close();
      this.#watch = undefined;
    }
  }

  /** A failure here ends the run, since no caller would see it. */
  #tick(): void {
    try {
      this.#look();
    } catch (error) {
      this.#fail?.(error);
    }
  }

  #look(): void {
    this.#lookAtLog();
    this.#ends.look();
    for (const experiment of this.#active) {
      experiment.reportFaults();
      experiment.follow();
      if (!experiment.expired) continue;
      this.#lift(experiment, 'duration');
    }
    if (performance.now() - this.#reported >= this.#request.interval) {
      this.#reported = performance.now();
      for (const experiment of this.#active) experiment.report();
    }
    this.#settleWhenDone();
  }

  /** Lifting I/O faults takes a moment; the run is not over until then. */
  #lift(experiment: KernelExperiment | IoExperiment, reason: LiftReason): void {
    this.#active.delete(experiment);
    const lift = async () => experiment.lift(reason);
    const lifted = lift()
      .catch((error) => this.#attempts.add(error))
      .finally(() => {
        this.#lifting.delete(lifted);
        this.#settleWhenDone();
      });
    this.#lifting.set(lifted, experiment.name);
  }

  #lookAtLog(): void {
    for (const finding of this.#watch?.look() ?? []) {
      this.#findings++;
      const { severity, line } = finding;
      this.#request.onEvent({ type: 'kernel-log', at: new Date().toISOString(), severity, line });
      const cgroups = this.#targets.flatMap(({ cgroupPath }) => cgroupPath ?? []);
      for (const experiment of this.#active) {
        const kind = experiment instanceof IoExperiment ? 'io' : 'kernel';
        if (endsFaults(finding, { kind, cgroups })) this.#lift(experiment, 'guardrail');
      }
      for (const [schedule, kind] of this.#schedules) {
        if (!endsFaults(finding, { kind, cgroups })) continue;
        this.#schedules.delete(schedule);
        schedule.stop();
      }
    }
  }

  #settleWhenDone(): void {
    if (this.#active.size === 0 && this.#lifting.size === 0 && this.#schedules.size === 0) this.#settle?.();
  }
}
