import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftNotes } from './left-notes.js';

const left = (pid: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ pid, what: `descriptor ${index}`, reason: 'is a FIFO' }));

test('what the target keeps is named', () => {
  assert.deepEqual(leftNotes(left(7, 1), new Set([7])), ['process 7 keeps descriptor 0: it is a FIFO']);
});

test('many items are counted', () => {
  const notes = leftNotes(left(7, 3000), new Set([7]));
  assert.equal(notes.length, 11);
  assert.equal(
    notes.at(-1),
    '2990 more things stay on the underlying file system: `ordeal explain` lists them',
  );
});

test('other processes are one line', () => {
  assert.deepEqual(leftNotes([...left(8, 40), ...left(9, 1)], new Set([7])), [
    '2 other processes keep files of the underlying file system, without faults: `ordeal explain` lists them',
  ]);
  assert.equal(leftNotes([], new Set([7])).length, 0);
});
