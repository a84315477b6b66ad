import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cron } from 'croner';
import fc from 'fast-check';
import { nextFire } from './next-fire.js';
import { parseSchedule } from './schedule.js';

/** The next `count` times, as ISO texts. */
function fires(schedule: string, after: string, count = 1): string[] {
  const parsed = parseSchedule(schedule);
  assert.ok(parsed.ok, schedule);
  const times: string[] = [];
  let from: Date | undefined = new Date(after);
  while (from !== undefined && times.length < count) {
    from = nextFire(parsed.value, from);
    if (from !== undefined) times.push(from.toISOString().replace('.000', ''));
  }
  return times;
}

test('five and six fields, steps, names and lists', () => {
  assert.deepEqual(fires('TZ=UTC */15 * * * *', '2026-01-31T23:46:10Z', 2), [
    '2026-02-01T00:00:00Z',
    '2026-02-01T00:15:00Z',
  ]);
  assert.deepEqual(fires('TZ=UTC 10/25 * * * * *', '2026-01-01T00:00:00Z', 3), [
    '2026-01-01T00:00:10Z',
    '2026-01-01T00:00:35Z',
    '2026-01-01T00:01:10Z',
  ]);
  assert.deepEqual(fires('TZ=UTC 0 8 ? FEB-mar MON', '2026-01-01T00:00:00Z', 2), [
    '2026-02-02T08:00:00Z',
    '2026-02-09T08:00:00Z',
  ]);
  assert.deepEqual(fires('TZ=UTC @yearly', '2026-06-01T00:00:00Z'), ['2027-01-01T00:00:00Z']);
  assert.deepEqual(fires('TZ=UTC @weekly', '2026-06-01T00:00:00Z'), ['2026-06-07T00:00:00Z']);
});

test('a restricted day of the month or of the week is enough, unless the other is a star', () => {
  assert.deepEqual(fires('TZ=UTC 0 0 13 * 5', '2026-03-01T00:00:00Z', 3), [
    '2026-03-06T00:00:00Z',
    '2026-03-13T00:00:00Z',
    '2026-03-20T00:00:00Z',
  ]);
  assert.deepEqual(fires('TZ=UTC 0 0 13 * *', '2026-03-01T00:00:00Z'), ['2026-03-13T00:00:00Z']);
  assert.deepEqual(fires('TZ=UTC 0 0 */10 * 0', '2026-03-02T00:00:00Z', 2), [
    '2026-03-08T00:00:00Z',
    '2026-03-11T00:00:00Z',
  ]);
});

test('leap days are found, the 30th of February never', () => {
  assert.deepEqual(fires('TZ=UTC 0 0 29 2 *', '2026-01-01T00:00:00Z'), ['2028-02-29T00:00:00Z']);
  assert.deepEqual(fires('TZ=UTC 0 0 30 2 *', '2026-01-01T00:00:00Z'), []);
});

test('times that clocks skip are skipped', () => {
  // New York, 8 March 2026: 02:00 EST is 03:00 EDT.
  assert.deepEqual(fires('TZ=America/New_York 30 2 * * *', '2026-03-07T12:00:00Z', 2), [
    '2026-03-09T06:30:00Z',
    '2026-03-10T06:30:00Z',
  ]);
  assert.deepEqual(fires('TZ=America/New_York 0 * * * *', '2026-03-08T06:00:00Z', 2), [
    '2026-03-08T07:00:00Z',
    '2026-03-08T08:00:00Z',
  ]);
  assert.deepEqual(fires('TZ=America/New_York 30 2 8 3 *', '2026-01-01T00:00:00Z'), ['2027-03-08T07:30:00Z']);
});

test('times that exist twice fire twice', () => {
  // New York, 1 November 2026: 02:00 EDT is 01:00 EST.
  assert.deepEqual(fires('CRON_TZ=America/New_York 30 1 * * *', '2026-11-01T04:00:00Z', 3), [
    '2026-11-01T05:30:00Z',
    '2026-11-01T06:30:00Z',
    '2026-11-02T06:30:00Z',
  ]);
  // Lord Howe Island moves its clocks by half an hour only.
  assert.deepEqual(fires('TZ=Australia/Lord_Howe 45 1 * * *', '2026-04-04T14:00:00Z', 3), [
    '2026-04-04T14:45:00Z',
    '2026-04-04T15:15:00Z',
    '2026-04-05T15:15:00Z',
  ]);
});

test('@every counts from the last run, from its whole second', () => {
  assert.deepEqual(fires('@every 90s', '2026-01-01T00:00:00.750Z', 2), [
    '2026-01-01T00:01:30Z',
    '2026-01-01T00:03:00Z',
  ]);
});

test('in a zone without shifts it agrees with croner', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    );
  const fields = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
  const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fields, times, (words, after) => {
      const text = words.join(' ');
      const parsed = parseSchedule(`TZ=UTC ${text}`);
      assert.ok(parsed.ok);
      const ours = nextFire(parsed.value, after);
      const theirs = new Cron(text, { paused: true, timezone: 'UTC', mode: '5-part' }).nextRun(after);
      // Five years are our limit, croner looks further.
      if (ours !== undefined) assert.deepEqual(ours, theirs);
    }),
    { numRuns: 300 },
  );
});

test('with shifts, the result is the first second with an allowed civil time', () => {
  const zone = 'Europe/Berlin';
  const civil = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const around = ['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z'].map((text) => Date.parse(text));
  fc.assert(
    fc.property(
      fc.constantFrom(...around),
      fc.integer({ min: -7200, max: 7200 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 59 }),
      (middle, shift, hour, minute) => {
        const after = new Date(middle + shift * 1000);
        const parsed = parseSchedule(`TZ=${zone} ${minute} ${hour} * * *`);
        assert.ok(parsed.ok);
        const next = nextFire(parsed.value, after);
        assert.ok(next !== undefined && next > after);
        const wanted = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        const firstMinute = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
        let expected = firstMinute;
        while (civil.format(expected) !== wanted) expected += 60_000;
        assert.equal(next.getTime(), expected);
      },
    ),
    { numRuns: 60 },
  );
});
