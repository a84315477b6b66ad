import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Steps, sparkline } from './sparkline.js';

test('the highest value is as high as the line, and nothing is the lowest bar', () => {
  assert.equal(sparkline([0, 7, 3, 14]), '▁▅▃█');
  assert.equal(sparkline([0, 0]), '▁▁');
  assert.equal(sparkline([]), '');
});

test('each value is one bar', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (values) => {
      assert.match(sparkline(values), new RegExp(`^[▁▂▃▄▅▆▇█]{${values.length}}$`));
    }),
  );
});

test('the steps of a count, the oldest forgotten; a count that falls begins anew', () => {
  const steps = new Steps(3);
  assert.deepEqual(steps.note(4n), [4]);
  steps.note(4n);
  assert.deepEqual(steps.note(10n), [4, 0, 6]);
  assert.deepEqual(steps.note(2n), [0, 6, 2]);
  assert.deepEqual(new Steps(3, 4n).note(6n), [2]);
});
