import { nextFire, type Schedule } from '@ordeal/experiment';
import type { RunEventListener } from './run-event.js';

/** Longest that a timer may wait at once; a later time is waited for in pieces, so that clock changes are noticed. */
const LONGEST_WAIT = 60_000;

/**
 * Starts something at the times of a Schedule, until it is stopped. Times are wall-clock; one that was missed (the
 * machine slept) is skipped unless `startingDeadlineSeconds` still allows it.
 */
export class ScheduleRunner {
  readonly #schedule: Schedule;
  readonly #onEvent: RunEventListener;
  readonly #fire: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param fire called at each time of the schedule; it decides itself about experiments that still run */
  constructor(schedule: Schedule, onEvent: RunEventListener, fire: () => void) {
    this.#schedule = schedule;
    this.#onEvent = onEvent;
    this.#fire = fire;
    this.#plan(new Date());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
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
    this.#wait(next);
  }

  #wait(next: Date): void {
    const left = next.getTime() - Date.now();
    if (left > 0) {
      this.#timer = setTimeout(() => this.#wait(next), Math.min(left, LONGEST_WAIT));
      return;
    }
    const { startingDeadlineSeconds } = this.#schedule.spec;
    const late = BigInt(-left);
    if (startingDeadlineSeconds === undefined || late <= startingDeadlineSeconds * 1000n) this.#fire();
    this.#plan(new Date(Math.max(next.getTime(), Date.now())));
  }
}
