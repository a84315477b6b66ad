import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DueHeap } from './due-heap.js';

test('items come out by time, whatever was removed in between', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.boolean())), (entries) => {
      const heap = new DueHeap<{ due: number; index: number }>();
      const items = entries.map(([due]) => ({ due, index: -1 }));
      for (const item of items) heap.push(item);
      const kept = items.filter((_, at) => entries[at]?.[1]);
      for (const item of items) if (!kept.includes(item)) heap.remove(item);
      const out: number[] = [];
      for (let first = heap.first; first; first = heap.first) {
        out.push(first.due);
        heap.remove(first);
        assert.equal(first.index, -1);
      }
      assert.deepEqual(
        out,
        kept.map((item) => item.due).sort((a, b) => a - b),
      );
    }),
  );
});
