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
  readonly #fire: () => void;
  #timer: DeadlineTimer | undefined;

  /** @param fire called at each time of the schedule; it decides itself about experiments that still run */
  constructor(schedule: Schedule, onEvent: RunEventListener, fire: () => void) {
    this.#schedule = schedule;
    this.#onEvent = onEvent;
    this.#fire = fire;
    this.#plan(new Date());
  }

  stop(): void {
    this.#timer?.clear();
  }

  #plan(after: Date): void {
    const next = nextFire(this.#schedule.spec.schedule, after);
    if (!next) return;
    const { name } = this.#schedule;
    this.#onEvent({
      type: 'scheduled',
      at: new Date().toISOString(),
      experiment: name,
      next: next.toISOString(),
    });
    this.#timer = DeadlineTimer.at(next, () => this.#due(next));
  }

  #due(next: Date): void {
    const { startingDeadlineSeconds } = this.#schedule.spec;
    const late = BigInt(Date.now() - next.getTime());
    if (startingDeadlineSeconds === undefined || late <= startingDeadlineSeconds * 1000n) this.#fire();
    this.#plan(new Date(Math.max(next.getTime(), Date.now())));
  }
}
