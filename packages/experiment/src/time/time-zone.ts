/** Formats are expensive to create, and few zones are ever used. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime supports this IANA zone. */
export function isTimeZone(name: string): boolean {
  if (name === '') return false;
  try {
    format(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * Seconds that the civil time of a zone is ahead of UTC at an instant.
 *
 * @param instant seconds since the epoch, whole
 * @param zone IANA name; undefined = the local zone of this process
 */
export function offsetAt(instant: number, zone: string | undefined): number {
  if (zone === 'UTC') return 0;
  if (zone === undefined) return -new Date(instant * 1000).getTimezoneOffset() * 60;
  const parts: Record<string, number> = {};
  for (const { type, value } of format(zone).formatToParts(instant * 1000)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - instant;
}

function format(zone: string): Intl.DateTimeFormat {
  let made = formats.get(zone);
  if (made === undefined) {
    made = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, made);
  }
  return made;
}
