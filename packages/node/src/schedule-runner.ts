import { nextFire, type Schedule } from '@ordeal/experiment';
import { DeadlineTimer } from '@ordeal/linux';
import type { RunEventListener } from './run-event.js';

/**
 * Starts something at the times of a Schedule, until it is stopped. Times are wall-clock; one that was missed (the
 * machine slept) is skipped unless `startingDeadlineSeconds` still allows it.
 */
export class ScheduleRunner {
  readonly #schedule: Schedule;
  readonly #onEvent: RunEventListener;
  readonly #fire: () => Promise<void> | undefined;
  #timer: DeadlineTimer | undefined;

  /**
   * @param fire called at each time of the schedule; it decides about experiments that still run. The next time is
   *   reported when what it starts has begun
   */
  constructor(schedule: Schedule, onEvent: RunEventListener, fire: () => Promise<void> | undefined) {
    this.#schedule = schedule;
    this.#onEvent = onEvent;
    this.#fire = fire;
    this.#plan(new Date());
  }

  stop(): void {
    this.#timer?.clear();
    this.#timer = undefined;
  }

  #plan(after: Date, begun?: Promise<void>): void {
    const next = nextFire(this.#schedule.spec.schedule, after);
    if (!next) return;
    const timer = DeadlineTimer.at(next, () => this.#due(next));
    this.#timer = timer;
    if (begun === undefined) this.#tell(next);
    else void begun.then(() => this.#timer === timer && this.#tell(next));
  }

  #tell(next: Date): void {
    const { name } = this.#schedule;
    const at = new Date().toISOString();
    this.#onEvent({ type: 'scheduled', at, experiment: name, next: next.toISOString() });
  }

  #due(next: Date): void {
    const { startingDeadlineSeconds } = this.#schedule.spec;
    const late = BigInt(Date.now() - next.getTime());
    const inTime = startingDeadlineSeconds === undefined || late <= startingDeadlineSeconds * 1000n;
    const begun = inTime ? this.#fire() : undefined;
    this.#plan(new Date(Math.max(next.getTime(), Date.now())), begun);
  }
}
