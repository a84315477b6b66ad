import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSchedule } from '@ordeal/experiment';
import { dueTime } from './due-time.js';

const at = (text: string) => new Date(`2026-01-01T${text}Z`);

function stand(schedule: string, handled: string, now: string, deadline?: bigint) {
  const rule = parseSchedule(schedule);
  assert.ok(rule.ok);
  const { due, next } = dueTime(rule.value, at(handled), deadline, at(now));
  return [due?.toISOString().slice(11, 19), next?.toISOString().slice(11, 19)];
}

test('nothing is due before the first time', () => {
  assert.deepEqual(stand('CRON_TZ=UTC 0 * * * *', '00:10:00', '00:59:59'), [undefined, '01:00:00']);
});

test('of missed times the latest is due', () => {
  assert.deepEqual(stand('CRON_TZ=UTC */10 * * * *', '00:05:00', '00:35:00'), ['00:30:00', '00:40:00']);
  assert.deepEqual(stand('@every 1s', '00:00:00', '12:00:00'), ['00:01:41', '12:00:01']);
});

test('a start after the deadline is skipped', () => {
  assert.deepEqual(stand('CRON_TZ=UTC */10 * * * *', '00:05:00', '00:35:00', 60n), [undefined, '00:40:00']);
  assert.deepEqual(stand('CRON_TZ=UTC */10 * * * *', '00:05:00', '00:35:00', 301n), ['00:30:00', '00:40:00']);
});
