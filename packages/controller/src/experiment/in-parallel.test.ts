import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel } from './in-parallel.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('each item once, several at a time', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await inParallel(
    Array.from({ length: 50 }, (_, index) => index),
    async (item) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      seen.push(item);
    },
  );
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, index) => index),
  );
  assert.equal(most, 8);
});

test('the first failure ends it once running items are done', async () => {
  let running = 0;
  let begun = 0;
  const action = async (item: number) => {
    begun++;
    running++;
    await turn();
    running--;
    if (item === 3) throw new Error('three');
  };
  await assert.rejects(
    inParallel(
      Array.from({ length: 50 }, (_, index) => index),
      action,
    ),
    /three/,
  );
  assert.equal(running, 0);
  assert.ok(begun < 50);
});
