import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearestNames } from './nearest.js';

test('distance counts insertions, deletions, changes and swaps', () => {
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('mount', 'mount'), 0);
  assert.equal(editDistance('muont', 'mount'), 1);
  assert.equal(editDistance('kitten', 'sitting'), 3);
});

test('nearest names come first, far ones not at all', () => {
  const names = ['hash', 'len', 'hash_len', 'name'];
  assert.deepEqual(nearestNames('nam', names), ['name']);
  assert.deepEqual(nearestNames('hahs', names), ['hash']);
  assert.deepEqual(nearestNames('zzzzzz', names), []);
});

test('names that contain the word are offered after close ones', () => {
  assert.deepEqual(nearestNames('ext4_mount', ['ext4_mount_opts', 'ext4_moun', 'btrfs']), [
    'ext4_moun',
    'ext4_mount_opts',
  ]);
});
