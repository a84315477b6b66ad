import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignedInterval, monotonic, untilNext } from './aligned-timer.js';

test('the next whole multiple of a period, not the one that is about to be reached', () => {
  assert.equal(untilNext(1000, 12_250), 750);
  assert.equal(untilNext(1000, 12_000), 1000);
  assert.equal(untilNext(1000, 12_999.5), 1000.5);
  assert.equal(untilNext(500, 12_250), 250);
});

test('intervals of one period are called together, one after the other, until they are stopped', async () => {
  const period = 50;
  const calls: string[] = [];
  const stops: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    const begin = (name: string) =>
      stops.push(
        alignedInterval(period, () => {
          calls.push(name);
          if (calls.length === 9) resolve();
        }),
      );
    begin('one');
    begin('two');
    begin('three');
    // It keeps no process alive.
    setTimeout(() => resolve(), 600_000).unref();
    const holding = setInterval(() => calls.length >= 9 && clearInterval(holding), period);
  });
  for (const stop of stops) stop();
  assert.deepEqual(calls.slice(0, 9), Array(3).fill(['one', 'two', 'three']).flat());
  const stopped = monotonic();
  await new Promise((resolve) => setTimeout(resolve, 3 * period));
  assert.equal(calls.length, 9, `after ${monotonic() - stopped} ms`);
});
