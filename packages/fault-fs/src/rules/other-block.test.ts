import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { damage } from './damage.js';
import { otherPlace } from './other-block.js';

const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('another block is another, in the file, at the same place in it', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), roll, (place, beyond, rolled) => {
      const size = place + 1 + beyond;
      const other = otherPlace(place, size, () => rolled);
      if (other === undefined) {
        assert.ok(place < 4096 && size <= place + 4096);
        return;
      }
      assert.notEqual(other, place);
      assert.equal(other % 4096, place % 4096);
      assert.ok(other >= 0 && other < size);
    }),
  );
});

test('of each byte of a piece one bit is flipped', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.infiniteStream(roll), (before, rolls) => {
      const bytes = before.slice();
      const mistake = { filling: 'flip', maxOccurrences: 1, maxLength: 5 } as const;
      const damaged = damage(bytes, mistake, () => rolls.next().value ?? 0);
      const flipped = [...bytes].map((byte, at) => byte ^ (before[at] ?? 0)).filter((bits) => bits !== 0);
      assert.equal(flipped.length, damaged);
      assert.ok(flipped.every((bits) => (bits & (bits - 1)) === 0));
    }),
  );
});
