import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededDraw } from './seeded-draw.js';

test('a seed decides each match, and draws are uniform', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const draws = Array.from({ length: 10_000 }, (_, index) => seededDraw(seed, index + 1));
      assert.ok(draws.every((draw) => draw >= 0 && draw < 2 ** 32));
      const below = draws.filter((draw) => draw < 0.3 * 2 ** 32).length;
      assert.ok(below > 2_700 && below < 3_300, String(below));
      assert.notEqual(seededDraw(seed, 1), seededDraw((seed + 1) % 2 ** 31, 1));
    }),
    { numRuns: 20 },
  );
});
