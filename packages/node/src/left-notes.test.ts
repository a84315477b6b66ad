import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftNotes } from './left-notes.js';

const left = (pid: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ pid, what: `descriptor ${index}`, reason: 'is a FIFO' }));

test('what the target keeps is named', () => {
  assert.deepEqual(leftNotes(left(7, 1), new Set([7])), [
    { kind: 'kept', pid: 7, what: 'descriptor 0', reason: 'is a FIFO' },
  ]);
});

test('many items are counted', () => {
  const notes = leftNotes(left(7, 3000), new Set([7]));
  assert.equal(notes.length, 11);
  assert.deepEqual(notes.at(-1), { kind: 'more kept', count: 2990 });
});

test('other processes are one note', () => {
  assert.deepEqual(leftNotes([...left(8, 40), ...left(9, 1)], new Set([7])), [
    { kind: 'others keep', processes: 2 },
  ]);
  assert.equal(leftNotes([], new Set([7])).length, 0);
});
