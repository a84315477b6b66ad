import assert from 'node:assert/strict';
import test from 'node:test';
import { METHODS } from './method.js';
import { RuleCounters } from './rule-counters.js';

const WRITE = METHODS.indexOf('write');

test('counts are apart by rule and method', () => {
  const counters = new RuleCounters(2);
  counters.reached(0, WRITE);
  counters.reached(1, WRITE);
  counters.reached(1, WRITE);
  counters.fired(1, WRITE);
  assert.deepEqual(counters.read(0, WRITE), { reached: 1, fired: 0 });
  assert.deepEqual(counters.read(1, WRITE), { reached: 2, fired: 1 });
  assert.deepEqual(counters.read(1, 0), { reached: 0, fired: 0 });
});

test('the longest wait is that of this second and the one before', () => {
  const counters = new RuleCounters(1);
  const slowest = (second: number) => counters.slowest(0, WRITE, second);
  counters.waited(0, WRITE, 300, 10);
  counters.waited(0, WRITE, 100, 10);
  assert.equal(slowest(10), 300);
  counters.waited(0, WRITE, 40.4, 11);
  assert.equal(slowest(11), 300);
  assert.equal(slowest(12), 40);
  assert.equal(slowest(13), 0);
  counters.waited(0, WRITE, 7, 20);
  assert.equal(slowest(20), 7);
  // A clock that was set back.
  assert.equal(slowest(3), 0);
});
