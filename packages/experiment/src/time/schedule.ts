import { fault, type Parsed, read } from '../parsed.js';
import { type FieldRule, type FieldValues, parseField } from './cron-field.js';
import { parseDuration } from './go-duration.js';
import { isTimeZone } from './time-zone.js';

/** When something runs repeatedly, with robfig/cron v3's meaning. */
export type ScheduleRule = EveryRule | CronRule;

/** `@every`: a fixed time after the last run. */
export interface EveryRule {
  readonly type: 'every';
  readonly text: string;
  /** Whole seconds, at least 1: robfig/cron drops the rest. */
  readonly seconds: number;
}

/** A cron expression: every second whose civil time in the zone has allowed numbers in all fields. */
export interface CronRule {
  readonly type: 'cron';
  readonly text: string;
  /** IANA name; undefined = the local zone of this process. */
  readonly timeZone: string | undefined;
  readonly second: FieldValues;
  readonly minute: FieldValues;
  readonly hour: FieldValues;
  readonly dayOfMonth: FieldValues;
  /** 1 to 12. */
  readonly month: FieldValues;
  /** 0 = Sunday. */
  readonly dayOfWeek: FieldValues;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS: readonly FieldRule[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of the week', min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS: { readonly [name: string]: string } = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const EXPECTED = 'five fields (minute hour day month weekday), six with seconds first, @every 5m, or @hourly';

/** Reads a schedule: 5 or 6 fields, a descriptor or `@every`, after an optional `CRON_TZ=` or `TZ=` and a zone. */
export function parseSchedule(text: string): Parsed<ScheduleRule> {
  const zone = /^(?:CRON_)?TZ=(\S*)\s*/.exec(text);
  const start = zone?.[0].length ?? 0;
  if (zone !== null && !isTimeZone(zone[1] ?? '')) {
    const offset = zone[0].indexOf('=') + 1;
    const name = zone[1] ?? '';
    return fault(
      offset,
      name.length,
      `'${name}' is not a time zone`,
      'an IANA name such as Europe/Berlin or UTC',
    );
  }
  const body = text.slice(start).trimEnd();
  if (body.startsWith('@')) return parseDescriptor(text, body, start, zone?.[1]);
  return parseFields(text, wordsOf(body, start), zone?.[1]);
}

function parseDescriptor(
  text: string,
  body: string,
  start: number,
  timeZone: string | undefined,
): Parsed<ScheduleRule> {
  const every = /^@every /.exec(body);
  if (every === null) {
    const fields = Object.hasOwn(DESCRIPTORS, body) ? DESCRIPTORS[body] : undefined;
    if (fields !== undefined) return parseFields(text, wordsOf(fields, 0), timeZone);
    const known = `${Object.keys(DESCRIPTORS).join(', ')}, or @every 5m`;
    return fault(start, body.length, `'${body}' is not a schedule`, `one of ${known}`);
  }
  const offset = start + every[0].length;
  const duration = parseDuration(text.slice(offset).trimEnd());
  if (!duration.ok) {
    return { ok: false, fault: { ...duration.fault, offset: offset + duration.fault.offset } };
  }
  if (duration.value <= 0n)
    return fault(offset, text.length - offset, '@every needs a duration greater than zero');
  // robfig/cron rounds down to whole seconds, and up to one second.
  return read({ type: 'every', text, seconds: Math.max(1, Number(duration.value / 1_000_000_000n)) });
}

interface Word {
  readonly text: string;
  readonly at: number;
}

function wordsOf(body: string, start: number): Word[] {
  return [...body.matchAll(/\S+/g)].map((match) => ({ text: match[0], at: start + match.index }));
}

function parseFields(text: string, words: Word[], timeZone: string | undefined): Parsed<ScheduleRule> {
  if (words.length !== 5 && words.length !== 6) {
    const found = words.length === 1 ? '1 field' : `${words.length} fields`;
    return fault(0, text.length, `'${text}' has ${found}, a schedule has 5 or 6`, EXPECTED);
  }
  const all = words.length === 6 ? words : [{ text: '0', at: 0 }, ...words];
  const fields: FieldValues[] = [];
  for (const [index, rule] of FIELDS.entries()) {
    const word = all[index];
    if (word === undefined) break;
    const field = parseField(word.text, word.at, rule);
    if (!field.ok) return field;
    fields.push(field.value);
  }
  const [second, minute, hour, dayOfMonth, month, dayOfWeek] = fields as [
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
  ];
  return read({ type: 'cron', text, timeZone, second, minute, hour, dayOfMonth, month, dayOfWeek });
}
