import type { RunEvent } from './run-event.js';

/** Exit codes of a run whose command, if it has one, ended with 0. */
export const RUN_EXIT = {
  ok: 0,
  /** Faults ended before their time: a guardrail, the death of the injecting process, the end of their target. */
  endedEarly: 3,
  /** No fault happened, although the run required one. */
  noFault: 4,
} as const;

/** Sums up the events of a run for its exit code. */
export class RunTally {
  /** Experiments that were to last for a set time. A Schedule has no end of its own. */
  readonly #timed = new Set<string>();
  readonly #scheduled = new Set<string>();
  #faults = 0n;
  #endedEarly = false;

  /** Requests that failed, were delayed or got a wrong result. */
  get faults(): bigint {
    return this.#faults;
  }

  /** Whether faults ended before their time. */
  get endedEarly(): boolean {
    return this.#endedEarly;
  }

  hear(event: RunEvent): void {
    if (event.type === 'scheduled') this.#scheduled.add(event.experiment);
    if (event.type === 'armed' && event.durationNs !== undefined) this.#timed.add(event.experiment);
    if (event.type !== 'lifted') return;
    const { reason, experiment, counters } = event;
    this.#faults += counters.fired;
    if (reason === 'guardrail' || reason === 'failed') this.#endedEarly = true;
    if (reason !== 'target ended' && reason !== 'interrupted') return;
    if (this.#timed.has(experiment) && !this.#scheduled.has(experiment)) this.#endedEarly = true;
  }

  /** @param own the exit code of the run's command, 0 if it has none; anything but 0 is returned unchanged */
  exitCode(own: number, requireFaults: boolean): number {
    if (own !== 0) return own;
    if (this.#endedEarly) return RUN_EXIT.endedEarly;
    return requireFaults && this.#faults === 0n ? RUN_EXIT.noFault : RUN_EXIT.ok;
  }
}
