import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { backOff } from './back-off.js';
import { WorkQueue } from './work-queue.js';

test('delays double up to the longest, and are shortened by at most half', () => {
  const limits = fc.record({
    firstMs: fc.integer({ min: 1, max: 1e4 }),
    longestMs: fc.integer({ min: 1e4, max: 1e6 }),
  });
  const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 1e6 }), roll, (given, failures, random) => {
      const whole = Math.min(given.longestMs, given.firstMs * 2 ** (failures - 1));
      const wait = backOff(failures, given, () => random);
      assert.ok(wait <= whole && wait >= whole / 2);
    }),
  );
});

test('an item is never handled twice at once, and always after it was last added', async () => {
  const plan = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(3) }), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(plan, fc.integer({ min: 1, max: 3 }), async (steps, workers) => {
      const added = new Map<string, number>();
      const seen = new Map<string, number>();
      const active = new Set<string>();
      const queue = new WorkQueue({
        workers,
        async handle(key) {
          assert.ok(!active.has(key));
          active.add(key);
          assert.ok(active.size <= workers);
          const state = added.get(key) ?? 0;
          await turn();
          active.delete(key);
          seen.set(key, state);
          return undefined;
        },
        onError: (_, error) => assert.fail(String(error)),
      });
      for (const { key, turns } of steps) {
        added.set(key, (added.get(key) ?? 0) + 1);
        queue.add(key);
        for (let i = 0; i < turns; i++) await turn();
      }
      for (let i = 0; i < 300 && [...added].some(([key, state]) => seen.get(key) !== state); i++)
        await turn();
      assert.deepEqual(new Map([...seen].sort()), new Map([...added].sort()));
      await queue.close();
    }),
    { numRuns: 50 },
  );
});

test('a failing item is retried and does not block others', async () => {
  const events = new EventEmitter();
  const failures: string[] = [];
  let attempts = 0;
  const queue = new WorkQueue({
    workers: 1,
    backOff: { firstMs: 1, longestMs: 4 },
    async handle(key) {
      if (key === 'bad' && ++attempts < 4) throw new Error(`attempt ${attempts}`);
      events.emit(key);
      return undefined;
    },
    onError: (key, error) => failures.push(`${key}: ${(error as Error).message}`),
  });
  const both = Promise.all([once(events, 'bad'), once(events, 'good')]);
  queue.add('bad');
  queue.add('good');
  await both;
  assert.deepEqual(failures, ['bad: attempt 1', 'bad: attempt 2', 'bad: attempt 3']);
  await queue.close();
});

test('an item is handled again on request, at the earlier time', async () => {
  const events = new EventEmitter();
  let times = 0;
  const queue = new WorkQueue({
    async handle(key) {
      times++;
      events.emit(key, times);
      return times === 1 ? { againAfterMs: 1 } : undefined;
    },
    onError: (_, error) => assert.fail(String(error)),
  });
  queue.addAfter('item', 3_600_000);
  queue.addAfter('item', 1);
  queue.addAfter('item', 3_600_000);
  await once(events, 'item');
  const [second] = await once(events, 'item');
  assert.equal(second, 2);
  await queue.close();
});

test('closing waits for items being handled and drops the rest', async () => {
  const handled: string[] = [];
  let finish = () => {};
  const queue = new WorkQueue({
    workers: 1,
    async handle(key) {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      handled.push(key);
      return undefined;
    },
    onError: (_, error) => assert.fail(String(error)),
  });
  queue.add('first');
  queue.add('second');
  const closed = queue.close();
  finish();
  await closed;
  queue.add('third');
  await turn();
  assert.deepEqual(handled, ['first']);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
