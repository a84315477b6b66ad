import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pause } from './pause.js';

const DAY = 86_400_000_000_000n;

test('a pause of 30 days lasts until it is interrupted', async () => {
  const controller = new AbortController();
  let over = false;
  const paused = pause(30n * DAY, controller.signal).then(() => {
    over = true;
  });
  // A delay that overflows is 1 ms, which is over before 20 ms are.
  await sleep(20);
  assert.equal(over, false);
  controller.abort();
  await paused;
});

test('a short pause ends, and one that was interrupted before it began ends at once', async () => {
  // Nothing else keeps the process alive in between.
  const alive = setInterval(() => undefined, 1000);
  await pause(1_000_000n, new AbortController().signal);
  await pause(30n * DAY, AbortSignal.abort());
  clearInterval(alive);
});
