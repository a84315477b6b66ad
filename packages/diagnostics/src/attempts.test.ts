import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attempts } from './attempts.js';

const fail = (message: string) => () => {
  throw new Error(message);
};

test('every step runs, and the failure is reported afterwards, once', () => {
  const attempts = new Attempts();
  const taken: string[] = [];
  attempts.run(() => taken.push('first'));
  attempts.run(fail('second'));
  assert.equal(
    attempts.run(() => taken.push('third')),
    2,
  );
  assert.deepEqual(taken, ['first', 'third']);
  assert.throws(() => attempts.report(), { name: 'Error', message: 'second' });
  attempts.report();
});

test('of several failures none is lost', () => {
  const attempts = new Attempts();
  attempts.run(fail('one'));
  attempts.add(new Error('two'));
  assert.throws(() => attempts.report(), { name: 'AggregateError', message: 'one; two' });
});
