import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FaultHistory } from './fault-history.js';

test('faults are spread over the time in which they happened', () => {
  const history = new FaultHistory(1000);
  history.note(1100, 2);
  history.note(1499, 3);
  history.note(2600, 7);
  assert.deepEqual(history.bins, { since: 1000, width: 500, counts: [3, 1, 1, 2] });
});

test('what was before does not count', () => {
  const history = new FaultHistory(0, 100);
  history.note(1, 103);
  assert.deepEqual(history.bins.counts, [3]);
});

test('a clock that is set back loses nothing', () => {
  const history = new FaultHistory(10_000);
  history.note(11_000, 1);
  history.note(2000, 3);
  assert.deepEqual(history.bins.counts, [0, 0, 3]);
});

test('however long it takes, it stays small and loses no fault', () => {
  const steps = fc.array(fc.tuple(fc.nat(10_000_000), fc.nat(1000)), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, (given) => {
      const history = new FaultHistory(0);
      let at = 0;
      let fired = 0;
      for (const [wait, faults] of given) {
        at += wait;
        fired += faults;
        history.note(at, fired);
      }
      const { counts, width } = history.bins;
      assert.ok(counts.length <= 240);
      assert.equal(counts.length, Math.floor(at / width) + 1);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        fired,
      );
    }),
  );
});
