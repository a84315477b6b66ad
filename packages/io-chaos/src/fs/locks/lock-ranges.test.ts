import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { F_RDLCK, F_UNLCK, F_WRLCK, LockRanges } from './lock-ranges.js';

test('ranges agree with one lock type for each byte', () => {
  const range = fc.tuple(fc.nat(19), fc.nat(19), fc.constantFrom(F_RDLCK, F_WRLCK, F_UNLCK));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (steps) => {
      const bytes = new Array<number>(20).fill(F_UNLCK);
      const ranges = new LockRanges();
      for (const [a, b, type] of steps) {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        bytes.fill(type, start, end + 1);
        ranges.set({ start: BigInt(start), end: BigInt(end), type, pid: 1 });
      }
      for (const [at, type] of bytes.entries()) {
        const ask = (wanted: number) =>
          ranges.conflict({ start: BigInt(at), end: BigInt(at), type: wanted, pid: 2 }) !== undefined;
        assert.equal(ask(F_WRLCK), type !== F_UNLCK);
        assert.equal(ask(F_RDLCK), type === F_WRLCK);
      }
      assert.equal(
        ranges.empty,
        bytes.every((type) => type === F_UNLCK),
      );
    }),
  );
});
