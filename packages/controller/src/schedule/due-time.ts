import { nextFire, type ScheduleRule } from '@ordeal/experiment';

/** More missed times than this are not counted one by one. */
const MAX_MISSED = 100;

/** Where a schedule stands. */
export interface DueTime {
  /** The latest time that has come and was not handled; those before it are missed for good. */
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
