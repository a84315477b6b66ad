import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameMatcher } from './function-list.js';

const names = ['do_mount', 'do_umount', 'mount_subtree', 'a.b'];
const matching = (pattern: string | undefined) => names.filter(nameMatcher(pattern));

test('a plain pattern is a part of a name, one with wildcards a whole name', () => {
  assert.deepEqual(matching(undefined), names);
  assert.deepEqual(matching('mount'), ['do_mount', 'do_umount', 'mount_subtree']);
  assert.deepEqual(matching('mount*'), ['mount_subtree']);
  assert.deepEqual(matching('do_?mount'), ['do_umount']);
  assert.deepEqual(matching('*.*'), ['a.b']);
});

// Would not end within years if each star tried every length.
test('many stars take no time', () => {
  assert.equal(nameMatcher(`${'*'.repeat(1000)}x`)('a'.repeat(1000)), false);
});
