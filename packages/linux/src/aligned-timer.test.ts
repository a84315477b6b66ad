import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignedInterval, untilNext } from './aligned-timer.js';

test('the next whole multiple of a period, not the one that is about to be reached', () => {
  assert.equal(untilNext(1000, 12_250), 750);
  assert.equal(untilNext(1000, 12_000), 1000);
  assert.equal(untilNext(1000, 12_999.5), 1000.5);
  assert.equal(untilNext(500, 12_250), 250);
});

test('whenever they are set, timers of one period are for the same moment', () => {
  for (const now of [12_000, 12_000.25, 12_500, 12_990]) assert.equal(now + untilNext(1000, now), 13_000);
});

test('an interval is called again and again, until it is stopped', async () => {
  const period = 50;
  const calls = { kept: 0, stopped: 0 };
  const [stop, stopFirst] = await new Promise<(() => void)[]>((resolve) => {
    // Intervals of this kind keep no process alive.
    const holding = setInterval(() => undefined, period);
    const first = alignedInterval(period, () => {
      calls.stopped++;
      first();
    });
    const second = alignedInterval(period, () => {
      if (++calls.kept < 4) return;
      clearInterval(holding);
      resolve([second, first]);
    });
  });
  stop?.();
  stopFirst?.();
  assert.deepEqual(calls, { kept: 4, stopped: 1 });
});
