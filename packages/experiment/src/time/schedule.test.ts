import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedule } from './schedule.js';

function complaint(text: string): string {
  const parsed = parseSchedule(text);
  assert.ok(!parsed.ok, text);
  const { offset, length, message, hint } = parsed.fault;
  return `${text}\n${' '.repeat(offset)}${'^'.repeat(Math.max(1, length))} ${message}${hint ? `; ${hint}` : ''}`;
}

test('@every is whole seconds, at least one', () => {
  const seconds = (text: string) => {
    const parsed = parseSchedule(text);
    return parsed.ok && parsed.value.type === 'every' ? parsed.value.seconds : undefined;
  };
  assert.equal(seconds('@every 2m'), 120);
  assert.equal(seconds('@every 1h30m'), 5400);
  assert.equal(seconds('@every 1.9s'), 1);
  assert.equal(seconds('@every 10ms'), 1);
  assert.equal(seconds('TZ=UTC @every 5s'), 5);
});

test('a star with a step is not a star', () => {
  const star = (text: string) => {
    const parsed = parseSchedule(text);
    return parsed.ok && parsed.value.type === 'cron' ? parsed.value.dayOfMonth.star : undefined;
  };
  assert.equal(star('0 0 * * *'), true);
  assert.equal(star('0 0 ? * *'), true);
  assert.equal(star('0 0 */1 * *'), true);
  assert.equal(star('0 0 */2 * *'), false);
  assert.equal(star('0 0 1-31 * *'), false);
});

test('an invalid schedule is reported with its position', () => {
  const texts = [
    '* * * *',
    '60 * * * *',
    '* * 0 * *',
    '* * * * 7',
    '*/0 * * * *',
    '1-5-9 * * * *',
    '30-10 * * * *',
    '* * * Janu *',
    '0 0 L * *',
    '1,,2 * * * *',
    '@every',
    '@every 5 minutes',
    '@every -1s',
    '@reboot',
    'CRON_TZ=Mars/Base 0 3 * * *',
    'TZ= 0 3 * * *',
    '',
  ];
  assert.equal(
    texts.map(complaint).join('\n'),
    `* * * *
^^^^^^^ '* * * *' has 4 fields, a schedule has 5 or 6; five fields (minute hour day month weekday), six with seconds first, @every 5m, or @hourly
60 * * * *
^^ '60' is not a minute: 0 to 59
* * 0 * *
    ^ '0' is not a day of the month: 1 to 31
* * * * 7
        ^ '7' is not a day of the week: 0 to 6 or a name
*/0 * * * *
  ^ '0' is not a step; a step is a number above 0
1-5-9 * * * *
^^^^^ '1-5-9' is not a range of minute; a range looks like 1-5 or 1-5/2
30-10 * * * *
^^^^^ the range 30-10 of minute ends before it begins
* * * Janu *
      ^^^^ 'Janu' is not a month: 1 to 12 or a name; did you mean jan, jun?
0 0 L * *
    ^ 'L' is not a day of the month: 1 to 31
1,,2 * * * *
  ^ '' is not a minute: 0 to 59
@every
^^^^^^ '@every' is not a schedule; one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every 5m
@every 5 minutes
        ^^^^^^^^ ' minutes' is not a unit of time; a duration looks like 300ms, 1.5h or 2h45m (units ns, us, ms, s, m, h)
@every -1s
       ^^^ @every needs a duration greater than zero
@reboot
^^^^^^^ '@reboot' is not a schedule; one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every 5m
CRON_TZ=Mars/Base 0 3 * * *
        ^^^^^^^^^ 'Mars/Base' is not a time zone; an IANA name such as Europe/Berlin or UTC
TZ= 0 3 * * *
   ^ '' is not a time zone; an IANA name such as Europe/Berlin or UTC

^ '' has 0 fields, a schedule has 5 or 6; five fields (minute hour day month weekday), six with seconds first, @every 5m, or @hourly`,
  );
});
