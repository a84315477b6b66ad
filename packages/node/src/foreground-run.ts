import type { CheckedExperiment } from './check-experiments.js';
import { KernelExperiment } from './kernel-experiment.js';
import { KernelWatch, type LogFinding } from './kernel-watch.js';
import type { LiftReason } from './run-event.js';
import type { RunRequest } from './run-request.js';
import { ScheduleRunner } from './schedule-runner.js';
import type { Target } from './target.js';

/** Milliseconds between looks at the deadlines and the kernel log. */
const TICK = 100;

/**
 * All experiments of one foreground run, from `begin` to `end`. Whoever makes it calls `end`, whatever happens.
 */
export class ForegroundRun {
  readonly #checked: readonly CheckedExperiment[];
  readonly #request: RunRequest;
  readonly #active = new Set<KernelExperiment>();
  readonly #schedules: ScheduleRunner[] = [];
  #watch: KernelWatch | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #reported = 0;
  #findings = 0;
  #settle: (() => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  /** All that were ever chosen. */
  readonly #targets: Target[] = [];

  constructor(checked: readonly CheckedExperiment[], request: RunRequest) {
    this.#checked = checked;
    this.#request = request;
  }

  /** Tells the user something that changes nothing. */
  note(message: string): void {
    this.#request.onEvent({ type: 'note', at: new Date().toISOString(), message });
  }

  /**
   * Arms everything that starts now and plans the rest.
   *
   * @param find the targets of one experiment; asked again at each start of a schedule
   * @throws OrdealError; then call `end`
   */
  begin(find: (checked: CheckedExperiment) => readonly Target[]): void {
    this.#watch = new KernelWatch();
    if (!this.#watch.able)
      this.note('the kernel log cannot be read here: warnings and OOM kills are not seen');
    for (const checked of this.#checked) {
      const { kernel, schedule } = checked;
      if (schedule === undefined) {
        this.#start(checked, find);
        continue;
      }
      const runner = new ScheduleRunner(schedule, this.#request.onEvent, () => {
        const busy = [...this.#active].some((each) => each.name === kernel.name);
        if (busy && schedule.spec.concurrencyPolicy === 'Forbid') {
          this.note(`${kernel.name} is not started again: it still runs (concurrencyPolicy Forbid)`);
          return;
        }
        try {
          this.#start(checked, find);
        } catch (error) {
          this.#fail?.(error);
        }
      });
      this.#schedules.push(runner);
    }
    this.#ticker = setInterval(() => this.#tick(), TICK);
  }

  #start(checked: CheckedExperiment, find: (checked: CheckedExperiment) => readonly Target[]): void {
    const targets = find(checked);
    this.#targets.push(...targets);
    this.#active.add(new KernelExperiment(checked.kernel, targets, this.#request.onEvent));
  }

  /** Resolves when nothing is left to happen, or at the signal. Rejects when a scheduled start fails. */
  settled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#settleWhenDone();
    });
  }

  /** Lifts everything that is still armed and lets go of the rest. A second call does nothing. */
  end(reason: LiftReason): void {
    clearInterval(this.#ticker);
    for (const schedule of this.#schedules.splice(0)) schedule.stop();
    for (const experiment of this.#active) experiment.lift(experiment.expired ? 'duration' : reason);
    this.#active.clear();
    if (!this.#watch) return;
    this.#lookAtLog();
    if (this.#watch.able && this.#findings === 0) {
      this.#request.onEvent({ type: 'kernel-log-clean', at: new Date().toISOString() });
    }
    this.#watch.close();
    this.#watch = undefined;
  }

  #tick(): void {
    this.#lookAtLog();
    for (const experiment of this.#active) {
      experiment.reportFaults();
      if (!experiment.expired) continue;
      experiment.lift('duration');
      this.#active.delete(experiment);
    }
    if (performance.now() - this.#reported >= this.#request.interval) {
      this.#reported = performance.now();
      for (const experiment of this.#active) experiment.report();
    }
    this.#settleWhenDone();
  }

  #lookAtLog(): void {
    for (const finding of this.#watch?.look() ?? []) {
      this.#findings++;
      const { severity, line } = finding;
      this.#request.onEvent({ type: 'kernel-log', at: new Date().toISOString(), severity, line });
      if (!this.#mustStop(finding)) continue;
      for (const experiment of this.#active) experiment.lift('guardrail');
      this.#active.clear();
      for (const schedule of this.#schedules.splice(0)) schedule.stop();
    }
  }

  /** An oops always ends the faults; an OOM kill does unless it took a process of a target. */
  #mustStop({ severity, line }: LogFinding): boolean {
    if (severity === 'oops') return true;
    if (severity !== 'oom') return false;
    const killed = /task_memcg=([^,]+)/.exec(line)?.[1];
    if (killed === undefined) return false;
    return !this.#targets.some(
      (target) => target.cgroupPath !== undefined && isWithin(killed, target.cgroupPath),
    );
  }

  #settleWhenDone(): void {
    if (this.#active.size === 0 && this.#schedules.length === 0) this.#settle?.();
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
