import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addCounts, type Counts, countsBeyond, NO_COUNTS } from './engine.js';

const count = fc.nat(1_000);
const counts: fc.Arbitrary<Counts> = fc
  .record({ reached: count, fired: count, write: count, lock: count })
  .map(({ reached, fired, write, lock }) => ({
    reached,
    fired,
    methods: [{ method: 'write', reached: write, fired: 0 }],
    kernel: { lock },
  }));

test('what two sums have in common is not beyond', () => {
  fc.assert(
    fc.property(counts, counts, (one, other) => {
      assert.deepEqual(countsBeyond(addCounts(one, other), other), one);
      assert.equal(countsBeyond(one, addCounts(one, other)).reached, 0);
    }),
  );
});

test('what nobody counted any more is beyond', () => {
  const one = { ...NO_COUNTS, reached: 3, methods: [{ method: 'read', reached: 3, fired: 1 }] } as const;
  assert.deepEqual(countsBeyond(one, NO_COUNTS), one);
});
