import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderStack } from './stack.js';

const stack = [
  '__x64_sys_mount',
  'do_mount',
  'path_mount',
  'do_new_mount',
  'vfs_get_tree',
  'getname',
  'kmalloc',
];

test('a stack that fits is shown whole', () => {
  assert.equal(renderStack(stack.slice(0, 3), 60), '__x64_sys_mount < do_mount < path_mount');
});

test('functions in the middle give way, none is cut', () => {
  const text = renderStack(stack, 85);
  assert.equal(text, '__x64_sys_mount < do_mount < … < do_new_mount < vfs_get_tree < getname < kmalloc');
});

test('two outer and three inner functions are always shown', () => {
  const text = '__x64_sys_mount < do_mount < … < vfs_get_tree < getname < kmalloc';
  assert.equal(renderStack(stack, 10), text);
  assert.equal(renderStack(stack.slice(0, 5), 10), stack.slice(0, 5).join(' < '));
});
