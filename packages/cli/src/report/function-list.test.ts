import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInjectionList } from '../host/injection-list.js';
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

test("names of the kernel's error injection list", () => {
  const text = 'should_failslab [slab]\tERRNO\nopen_ctree [btrfs]\tERRNO\nshould_fail_bio\tERRNO\n';
  assert.deepEqual([...parseInjectionList(text)], ['should_failslab', 'open_ctree', 'should_fail_bio']);
});
