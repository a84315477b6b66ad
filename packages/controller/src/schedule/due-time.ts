import { nextFire, type ScheduleRule } from '@ordeal/experiment';

/** More missed times than this are not counted one by one. */
const MAX_MISSED = 100;

/** The state of a schedule. */
export interface DueTime {
  /** The latest due time that was not handled; earlier ones are skipped. */
  readonly due: Date | undefined;
  readonly next: Date | undefined;
}

/** @param handled the time that was handled last, or the creation of the schedule */
export function dueTime(
  rule: ScheduleRule,
  handled: Date,
  startingDeadlineSeconds: bigint | undefined,
  now: Date,
): DueTime {
  const oldest =
    startingDeadlineSeconds === undefined
      ? handled
      : new Date(now.getTime() - Number(startingDeadlineSeconds) * 1000);
  let at = oldest > handled ? oldest : handled;
  let due: Date | undefined;
  for (let missed = 0; missed <= MAX_MISSED; missed++) {
    const next = nextFire(rule, at);
    if (next === undefined || next > now) return { due, next };
    due = next;
    at = next;
  }
  return { due, next: nextFire(rule, now) };
}
