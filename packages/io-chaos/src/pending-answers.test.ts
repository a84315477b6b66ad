import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PendingAnswers } from './pending-answers.js';

const FOREVER = Number.POSITIVE_INFINITY;

test('several can ask the same at once, and each gets its own answer', async () => {
  const pending = new PendingAnswers<string>();
  const ids: number[] = [];
  const asked = ['first', 'second', 'third'].map(() => pending.ask((id) => ids.push(id), FOREVER));
  for (const id of [...ids].reverse()) pending.answer(id, `answer ${ids.indexOf(id)}`);
  assert.deepEqual(await Promise.all(asked), ['answer 0', 'answer 1', 'answer 2']);
});

test('nobody waits for a process that has ended', async () => {
  const pending = new PendingAnswers<string>();
  const asked = [1, 2].map(() => pending.ask(() => undefined, FOREVER));
  pending.end();
  assert.deepEqual(await Promise.all(asked), [undefined, undefined]);
  assert.equal(await pending.ask(() => assert.fail('it is not asked'), FOREVER), undefined);
});

test('nobody waits longer than the limit, and a late answer is dropped', async () => {
  const pending = new PendingAnswers<string>();
  let late = 0;
  assert.equal(
    await pending.ask((id) => {
      late = id;
    }, 1),
    undefined,
  );
  const next = pending.ask((id) => pending.answer(id, 'in time'), FOREVER);
  pending.answer(late, 'late');
  assert.equal(await next, 'in time');
});
