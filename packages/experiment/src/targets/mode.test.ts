import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseTargets, MODES, parseModeValue } from './mode.js';

const first = () => 0;
const last = () => 1 - Number.EPSILON;

test('how many targets each mode takes', () => {
  const count = (n: number, ...mode: [(typeof MODES)[number], string?]) =>
    chooseTargets(n, mode[0], mode[1], last).length;
  assert.equal(count(0, 'one'), 0);
  assert.equal(count(0, 'fixed', '3'), 0);
  assert.equal(count(5, 'one'), 1);
  assert.equal(count(5, 'all'), 5);
  assert.equal(count(5, 'fixed', '3'), 3);
  assert.equal(count(2, 'fixed', '3'), 2);
  assert.equal(count(3, 'fixed-percent', '1'), 1);
  assert.equal(count(3, 'fixed-percent', '34'), 2);
  assert.equal(count(3, 'fixed-percent', '100'), 3);
  assert.equal(count(10, 'random-max-percent', '40'), 4);
  assert.equal(chooseTargets(10, 'random-max-percent', '40', first).length, 0);
});

test('random-max-percent draws every percentage from 0 to the value', () => {
  const counts = new Set<number>();
  for (let i = 0; i < 4; i++) {
    const draws = [i / 4, 0, 0, 0];
    counts.add(chooseTargets(100, 'random-max-percent', '3', () => draws.shift() ?? 0).length);
  }
  assert.deepEqual([...counts], [0, 1, 2, 3]);
});

test('all keeps the order', () => {
  assert.deepEqual(chooseTargets(4, 'all', undefined, last), [0, 1, 2, 3]);
});

test('values that do not fit', () => {
  for (const value of ['', '0', '-1', '1.5', 'x', ' 1']) assert.ok(!parseModeValue('fixed', value).ok, value);
  assert.ok(parseModeValue('fixed', '+7').ok);
  assert.ok(!parseModeValue('fixed-percent', '101').ok);
  assert.throws(() => chooseTargets(1, 'fixed', undefined, first), {
    code: 'ORD-118',
    message: "value: '' is not a count of at least 1, which mode fixed needs",
  });
});

test('targets are different indices, and each can be chosen', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(...MODES),
      fc.integer({ min: 1, max: 100 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      (n, mode, value, stream) => {
        const chosen = chooseTargets(n, mode, String(value), () => stream.next().value ?? 0);
        assert.equal(new Set(chosen).size, chosen.length);
        assert.ok(chosen.every((index) => Number.isInteger(index) && index >= 0 && index < n));
        for (const index of chosen) seen.add(index);
      },
    ),
    { numRuns: 500 },
  );
  assert.equal(seen.size, 20);
});
