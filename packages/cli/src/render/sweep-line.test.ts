import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepLine } from './sweep-line.js';

test('a note as JSON has its data and the sentence that a terminal shows', () => {
  const note = { kind: 'cut failed', run: 4, what: 'a' } as const;
  assert.deepEqual(JSON.parse(sweepLine({ type: 'note', note })), {
    type: 'note',
    note,
    message: 'run 4: a',
  });
});
