import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, counted, grouped } from './number.js';

test('numbers are grouped by thousands', () => {
  const texts = [0, 999, 1204, 14021, 1234567n].map(grouped);
  assert.deepEqual(texts, ['0', '999', '1 204', '14 021', '1 234 567']);
});

test('nouns agree with their number', () => {
  assert.equal(counted(1, 'error'), '1 error');
  assert.equal(counted(0n, 'fault'), '0 faults');
  assert.equal(counted(1204, 'entry', 'entries'), '1 204 entries');
});

test('bytes are told in the largest fitting unit', () => {
  assert.deepEqual([0, 999, 4_800_000, 123_456_789].map(bytes), ['0 B', '999 B', '4.8 MB', '123 MB']);
});
