import { Attempts } from '@ordeal/diagnostics';
import type { Counters, FaultEvent } from '@ordeal/kernel-chaos';
import type { KernelExperimentSpec } from './arm-kernel-faults.js';
import { type KernelFaults, kernelFaults } from './armed-faults.js';
import { FollowedKernelInjection } from './followed-kernel-injection.js';
import type { LiftReason, RunEventListener } from './run-event.js';
import { summariseSites } from './stack-summary.js';
import type { Target } from './target.js';

/**
 * One armed KernelChaos that reports what happens to it. From the constructor on it must be lifted, which its
 * owner does whatever happens.
 */
export class KernelExperiment {
  readonly #spec: KernelExperimentSpec;
  readonly #injection: FollowedKernelInjection;
  readonly #onEvent: RunEventListener;
  readonly #armedAt: number;
  #lifted = false;

  /** Arms it. @throws OrdealError if the kernel refuses; nothing is left behind then */
  constructor(spec: KernelExperimentSpec, targets: readonly Target[], onEvent: RunEventListener) {
    const { plan, duration } = spec;
    const begun = performance.now();
    this.#spec = spec;
    this.#onEvent = onEvent;
    this.#injection = new FollowedKernelInjection(spec, targets, onEvent);
    const { costs } = this.#injection.current;
    this.#armedAt = performance.now();
    onEvent({
      type: 'armed',
      at: new Date().toISOString(),
      experiment: spec.name,
      faults: this.#faults,
      targets: targets.map((target) => target.description),
      durationNs: duration,
      probabilityPercent: plan.probability,
      after: plan.after,
      every: plan.every,
      times: plan.times,
      seed: plan.seed,
      programs: costs.length,
      armingMs: Math.round(this.#armedAt - begun),
    });
  }

  get #faults(): KernelFaults {
    return kernelFaults(this.#spec.plan, this.#injection.current.blueprint.convention.mechanism);
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Whether it still has time. Faults end in the kernel when it has none; this only informs the owner. */
  get expired(): boolean {
    return !this.#injection.current.armed;
  }

  get lifted(): boolean {
    return this.#lifted;
  }

  get counters(): Counters {
    return this.#injection.counters;
  }

  /** Reports the current counters. */
  report(): void {
    if (this.#lifted) return;
    const { duration } = this.#spec;
    const elapsedMs = Math.round(performance.now() - this.#armedAt);
    const remainingMs =
      duration === undefined ? undefined : Math.max(0, Number(duration / 1_000_000n) - elapsedMs);
    this.#onEvent({
      type: 'counters',
      at: new Date().toISOString(),
      experiment: this.#spec.name,
      counters: this.counters,
      elapsedMs,
      remainingMs,
    });
  }

  /** Checks for targets that have ended or are back. */
  follow(): void {
    this.#injection.follow((faults) => this.#reportFaults(faults));
  }

  /** Reports the faults since the last call, if the run asked for them. */
  reportFaults(): void {
    this.#reportFaults(this.#injection.current.events());
  }

  /** Ends the faults and reports the result. A second call does nothing. @throws any error, when that is done */
  lift(reason: LiftReason): void {
    if (this.#lifted) return;
    this.#lifted = true;
    const attempts = new Attempts();
    attempts.run(() => this.reportFaults());
    attempts.run(() => this.#injection.current.recover());
    const { plan, name } = this.#spec;
    this.#onEvent({
      type: 'lifted',
      at: new Date().toISOString(),
      experiment: name,
      reason,
      elapsedMs: Math.round(performance.now() - this.#armedAt),
      counters: this.counters,
      sites: summariseSites(this.#injection.sites),
      seed: plan.probability < 100 ? plan.seed : undefined,
      faults: this.#faults,
    });
    attempts.report();
  }

  #reportFaults(faults: readonly FaultEvent[]): void {
    // The kernel counts from boot, events carry the time of day.
    const offset = Date.now() - Number(process.hrtime.bigint() / 1_000_000n);
    for (const { time, process: pid, thread, command, target } of faults) {
      this.#onEvent({
        type: 'fault',
        at: new Date(offset + Number(time / 1_000_000n)).toISOString(),
        experiment: this.#spec.name,
        process: pid,
        thread,
        command,
        target,
      });
    }
  }
}
