import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LITTLE_ENDIAN } from './bytes.js';
import { CallTable, PENDING } from './call-table.js';
import { CALL_SIZE } from './machine.js';

const long = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
);
const call = fc.record({ number: fc.nat(500), args: fc.array(long, { maxLength: 6 }) });
const viewOf = ({ bytes }: CallTable) => new DataView(bytes.buffer);

test('every argument is the 64-bit number that the kernel gets', () => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 8 }), (calls) => {
      const table = new CallTable(calls.length + 1);
      for (const [index, { number, args }] of calls.entries()) table.set(index, number, args);
      table.end(calls.length);
      const view = viewOf(table);
      for (const [index, { number, args }] of calls.entries()) {
        const words = [number, ...args, ...Array(6 - args.length).fill(0)];
        for (const [position, value] of words.entries()) {
          const got = view.getBigInt64(index * CALL_SIZE + position * 8, LITTLE_ENDIAN);
          assert.equal(got, BigInt.asIntN(64, BigInt(value)));
        }
      }
      assert.equal(view.getBigInt64(calls.length * CALL_SIZE, LITTLE_ENDIAN), -1n);
    }),
  );
});

test('results are what the kernel has put there', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 8 }), (values) => {
      const table = new CallTable(values.length);
      for (const [index, value] of values.entries()) {
        viewOf(table).setBigInt64(index * CALL_SIZE + 56, BigInt(value), LITTLE_ENDIAN);
      }
      assert.deepEqual(table.results(values.length), values);
    }),
  );
});

test('a result that is not there yet can be told', () => {
  const table = new CallTable(2);
  table.await(1);
  assert.equal(viewOf(table).getBigInt64(CALL_SIZE + 56, LITTLE_ENDIAN), PENDING);
  assert.equal(table.result(0), 0);
});
