import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { F_RDLCK, F_UNLCK, F_WRLCK, LockRanges } from './lock-ranges.js';

test('ranges that touch are one, and all are in order', () => {
  const ranges = new LockRanges();
  const set = (start: bigint, end: bigint, type: number) => ranges.set({ start, end, type, pid: 1 });
  set(30n, 39n, F_WRLCK);
  set(10n, 14n, F_WRLCK);
  set(0n, 9n, F_RDLCK);
  set(15n, 19n, F_WRLCK);
  assert.equal(ranges.find({ start: 10n, end: 19n, type: F_WRLCK })?.pid, 1);
  assert.equal(ranges.conflict({ start: 0n, end: 99n, type: F_RDLCK, pid: 2 })?.start, 10n);
  set(12n, 12n, F_RDLCK);
  set(12n, 12n, F_WRLCK);
  assert.ok(ranges.find({ start: 10n, end: 19n, type: F_WRLCK }));
});

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
