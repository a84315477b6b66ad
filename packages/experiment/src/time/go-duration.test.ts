import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './go-duration.js';

const SECOND = 1_000_000_000n;

function nanoseconds(text: string): bigint {
  const parsed = parseDuration(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function complaint(text: string): string {
  const parsed = parseDuration(text);
  assert.ok(!parsed.ok, text);
  const { offset, length, message } = parsed.fault;
  return `${offset}+${length} ${message}`;
}

test('durations of Go', () => {
  assert.equal(nanoseconds('0'), 0n);
  assert.equal(nanoseconds('-0'), 0n);
  assert.equal(nanoseconds('30s'), 30n * SECOND);
  assert.equal(nanoseconds('1h45m'), 6300n * SECOND);
  assert.equal(nanoseconds('+1.5h'), 5400n * SECOND);
  assert.equal(nanoseconds('-2s'), -2n * SECOND);
  assert.equal(nanoseconds('.5s'), SECOND / 2n);
  assert.equal(nanoseconds('5.s'), 5n * SECOND);
  assert.equal(nanoseconds('1us'), 1000n);
  assert.equal(nanoseconds('1\u00b5s'), 1000n);
  assert.equal(nanoseconds('1\u03bcs'), 1000n);
  assert.equal(nanoseconds('9m9m'), 1080n * SECOND);
});

test('fractions are rounded in double precision, as Go does', () => {
  assert.equal(nanoseconds('0.3333333333333333333h'), 1_200_000_000_000n);
  assert.equal(nanoseconds('0.9223372036854775807h'), 3_320_413_933_267n);
  assert.equal(nanoseconds('0.100000000000000000000h'), 360n * SECOND);
});

test('the limits of 64 bits', () => {
  assert.equal(nanoseconds('9223372036854775807ns'), 2n ** 63n - 1n);
  assert.equal(nanoseconds('-9223372036854775808ns'), -(2n ** 63n));
  assert.match(complaint('9223372036854775808ns'), /not fit into 64 bits/);
  assert.match(complaint('3000000h'), /not fit into 64 bits/);
  assert.match(complaint('9223372036s9223372036s'), /not fit into 64 bits/);
});

test('an invalid duration is reported with its position', () => {
  assert.equal(complaint(''), "0+0 '' is not a duration");
  assert.equal(complaint('-'), "0+1 '-' is not a duration");
  assert.equal(complaint('10'), "0+2 '10' has no unit");
  assert.equal(complaint('1d'), "1+1 'd' is not a unit of time");
  assert.equal(complaint('1h30'), "2+2 '30' has no unit");
  assert.equal(complaint('1h x'), "1+3 'h x' is not a unit of time");
  assert.equal(complaint('.s'), "0+1 '.s' does not start with a number");
  assert.equal(complaint('soon'), "0+1 'soon' does not start with a number");
  assert.equal(complaint('1constructor'), "1+11 'constructor' is not a unit of time");
});

test('durations are written as Go writes them', () => {
  assert.equal(formatDuration(0n), '0s');
  assert.equal(formatDuration(1n), '1ns');
  assert.equal(formatDuration(1100n), '1.1\u00b5s');
  assert.equal(formatDuration(2_200_000n), '2.2ms');
  assert.equal(formatDuration(3_300_000_000n), '3.3s');
  assert.equal(formatDuration(245_000_000_000n), '4m5s');
  assert.equal(formatDuration(3600n * SECOND), '1h0m0s');
  assert.equal(formatDuration(-(2n ** 63n)), '-2562047h47m16.854775808s');
});

test('reading is the inverse of writing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      assert.equal(nanoseconds(formatDuration(value)), value);
    }),
  );
});

test('any text is read or refused', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789.+-nuµμmsh '), maxLength: 40 });
  fc.assert(
    fc.property(text, (written) => {
      const parsed = parseDuration(written);
      if (!parsed.ok) assert.ok(parsed.fault.offset + parsed.fault.length <= written.length);
    }),
  );
});
