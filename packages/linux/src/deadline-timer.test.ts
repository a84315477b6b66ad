import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeadlineTimer } from './deadline-timer.js';

const DAY = 86_400_000;

test('a delay over 24.8 days does not end at once', async () => {
  const fired: string[] = [];
  const long = [2 ** 31, 30 * DAY, Number.POSITIVE_INFINITY].map((milliseconds) =>
    DeadlineTimer.after(milliseconds, () => fired.push(`${milliseconds} ms`)),
  );
  // A timer that overflows is set to 1 ms, and fires before one of 20 ms.
  await sleep(20);
  for (const timer of long) timer.clear();
  assert.deepEqual(fired, []);
});

test('a short delay ends, and not before its time', async () => {
  const begun = performance.now();
  await new Promise<void>((resolve) => DeadlineTimer.after(5, resolve));
  assert.ok(performance.now() - begun >= 5);
});

test('a time in the past ends at once, but not within the call', async () => {
  let within = true;
  await new Promise<void>((resolve) => {
    DeadlineTimer.at(new Date(0), () => {
      assert.equal(within, false);
      resolve();
    });
    within = false;
  });
});

test('a date a year ahead is met, also when the clock is set on the way', () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  try {
    let fired = 0;
    DeadlineTimer.at(new Date(365 * DAY), () => fired++);
    // 2^31 ms and more in one step, in which every piece of the wait ends.
    mock.timers.tick(364 * DAY);
    assert.equal(fired, 0);
    mock.timers.setTime(365 * DAY - 1);
    assert.equal(fired, 0);
    mock.timers.tick(60_000);
    assert.equal(fired, 1);
    mock.timers.tick(DAY);
    assert.equal(fired, 1);
  } finally {
    mock.timers.reset();
  }
});

test('a timer that was cleared stays silent', () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  try {
    const timer = DeadlineTimer.at(new Date(10 * DAY), () => assert.fail('fired'));
    mock.timers.tick(9 * DAY);
    timer.clear();
    timer.clear();
    mock.timers.tick(9 * DAY);
  } finally {
    mock.timers.reset();
  }
});
