import type { CronRule, ScheduleRule } from './schedule.js';
import { offsetAt } from './time-zone.js';

const DAY = 86_400;
/** robfig/cron searches at most five years: 29 February is found, 30 February is not. */
const SEARCH_DAYS = 5 * 366;
/** No zone has ever changed its offset by more. */
const LONGEST_SHIFT = 26 * 3600;

/**
 * The first time after `after` at which a schedule fires, in whole seconds, or `undefined` when there is none within
 * five years. Pure: it neither waits nor reads the clock.
 *
 * When clocks go forward, times that do not exist are skipped; when they go back, times that exist twice fire
 * twice, as with robfig/cron.
 */
export function nextFire(schedule: ScheduleRule, after: Date): Date | undefined {
  const now = Math.floor(after.getTime() / 1000);
  if (schedule.type === 'every') return new Date((now + schedule.seconds) * 1000);
  const next = nextInstant(schedule, now);
  return next === undefined ? undefined : new Date(next * 1000);
}

function nextInstant(rule: CronRule, after: number): number | undefined {
  const limit = after + SEARCH_DAYS * DAY;
  let from = after;
  while (from < limit) {
    const offset = offsetAt(from + 1, rule.timeZone);
    const civil = nextCivil(rule, from + offset, limit + offset);
    if (civil === undefined) return undefined;
    const instant = civil - offset;
    if (offsetAt(instant, rule.timeZone) === offset) return instant;
    // The offset changed in between. Civil times in between were compared with the old one, so nothing can fire earlier
    // than the longest shift before the candidate; from there, continue at the change itself.
    const near = instant - LONGEST_SHIFT;
    from = near > from ? near : lastBeforeChange(from + 1, instant, offset, rule.timeZone);
  }
  return undefined;
}

/** The last instant with this offset, which changes between the two instants. */
function lastBeforeChange(from: number, to: number, offset: number, zone: string | undefined): number {
  let same = from;
  let other = to;
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offsetAt(middle, zone) === offset) same = middle;
    else other = middle;
  }
  return same;
}

/** The first civil time after `after` that the rule allows, both as seconds since 1970 of a clock that never shifts. */
function nextCivil(rule: CronRule, after: number, limit: number): number | undefined {
  const start = after + 1;
  let day = Math.floor(start / DAY);
  let earliest = start - day * DAY;
  for (; day * DAY <= limit; day++, earliest = 0) {
    if (!allowsDay(rule, new Date(day * DAY * 1000))) continue;
    const second = nextTimeOfDay(rule, earliest);
    if (second !== undefined) return day * DAY + second;
  }
  return undefined;
}

/** When both day fields are restricted, either is enough; with `*` or `?` in one, the other decides. */
function allowsDay(rule: CronRule, date: Date): boolean {
  if (!rule.month.values.has(date.getUTCMonth() + 1)) return false;
  const ofMonth = rule.dayOfMonth.values.has(date.getUTCDate());
  const ofWeek = rule.dayOfWeek.values.has(date.getUTCDay());
  return rule.dayOfMonth.star || rule.dayOfWeek.star ? ofMonth && ofWeek : ofMonth || ofWeek;
}

/** The first allowed second of a day from `earliest` on. */
function nextTimeOfDay(rule: CronRule, earliest: number): number | undefined {
  for (let minute = Math.floor(earliest / 60); minute < 1440; minute++) {
    if (!rule.hour.values.has(Math.floor(minute / 60)) || !rule.minute.values.has(minute % 60)) continue;
    for (let second = Math.max(0, earliest - minute * 60); second < 60; second++) {
      if (rule.second.values.has(second)) return minute * 60 + second;
    }
  }
  return undefined;
}
