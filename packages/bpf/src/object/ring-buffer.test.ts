import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeader } from './ring-buffer.js';

const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

test('headers of records: complete, being written, discarded', () => {
  const words = Uint32Array.of(5, 0, 0, 0, BUSY | 16, 0, DISCARDED | 8, 0);
  assert.deepEqual(readHeader(words, 0, 16), { length: 5, discarded: false, stride: 16 });
  assert.equal(readHeader(words, 16, 24), undefined);
  assert.deepEqual(readHeader(words, 24, 16), { length: 8, discarded: true, stride: 16 });
});

test('a record that reaches past what was written is refused', () => {
  for (const length of [9, 4096, 0x3fff_ffff]) {
    assert.throws(() => readHeader(Uint32Array.of(length), 0, 16), {
      name: 'RangeError',
      message: `the ring has a record of ${length} bytes where 16 were written`,
    });
  }
});
