import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededDraw, Trigger, type TriggerTerms } from './trigger.js';

/** The numbers of the matches that fire, of the first `count`. */
function firing(terms: TriggerTerms, count = 12, rule = 0): number[] {
  const trigger = new Trigger(terms, rule);
  const fired: number[] = [];
  for (let match = 1; match <= count; match++) if (trigger.fires(Math.random)) fired.push(match);
  return fired;
}

test('after, every and times say exactly which matches', () => {
  assert.deepEqual(firing({}, 3), [1, 2, 3]);
  assert.deepEqual(firing({ after: 2, times: 1 }), [3]);
  assert.deepEqual(firing({ every: 4 }), [4, 8, 12]);
  assert.deepEqual(firing({ after: 3, every: 2, times: 3 }), [5, 7, 9]);
  assert.deepEqual(firing({ percent: 0 }), []);
});

test('numbers of matches replace all other terms', () => {
  assert.deepEqual(firing({ percent: 0, after: 9, every: 3, times: 1, only: [2, 5] }), [2, 5]);
  assert.deepEqual(firing({ only: [] }), []);
});

test('times is the number of faults, not of matches that were drawn', () => {
  const trigger = new Trigger({ percent: 50, times: 2 }, 0);
  const rolls = [0.9, 0.1, 0.9, 0.1, 0.1];
  assert.deepEqual(
    rolls.map((roll) => trigger.fires(() => roll)),
    [false, true, false, true, false],
  );
  assert.equal(trigger.matches, 5);
});

test('with a seed the same matches are chosen in every run, others with another seed or rule', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.nat(20), (seed, rule) => {
      const terms = { percent: 50, seed };
      const once = firing(terms, 200, rule);
      assert.deepEqual(firing(terms, 200, rule), once);
      assert.notDeepEqual(firing({ percent: 50, seed: (seed + 1) % 2 ** 31 }, 200, rule), once);
      assert.notDeepEqual(firing(terms, 200, rule + 1), once);
    }),
  );
});

test('with a seed all that is random about a match is the same in every run', () => {
  const rolls = (seed: number | undefined, match: number) => {
    const random = new Trigger({ seed }, 0).randomFor(match);
    return random && [random(), random(), random()];
  };
  assert.equal(rolls(undefined, 1), undefined);
  assert.deepEqual(rolls(7, 1), rolls(7, 1));
  assert.notDeepEqual(rolls(7, 1), rolls(7, 2));
  assert.equal(new Set(rolls(7, 1)).size, 3);
});

test('a seeded draw is fair', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.nat(20), (seed, rule) => {
      let below = 0;
      for (let match = 1; match <= 20_000; match++) if (seededDraw(seed, rule, match) < 0.3) below++;
      assert.ok(below > 5_400 && below < 6_600, String(below));
    }),
    { numRuns: 20 },
  );
});
