import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMountinfo, readMounts } from './mountinfo.js';

test('optional fields, escapes and types are told apart', () => {
  const [mount] = parseMountinfo(
    '36 35 98:0 /mnt1 /mnt\\040two rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n',
  );
  assert.deepEqual(mount, {
    id: 36,
    parent: 35,
    device: '98:0',
    root: '/mnt1',
    path: '/mnt two',
    options: ['rw', 'noatime'],
    propagation: ['master:1', 'shared:7'],
    type: 'ext3',
    source: '/dev/root',
  });
});

test('a torn line is left out', () =>
  assert.deepEqual(parseMountinfo('36 35 98:0 / /mnt rw - \nx\n').length, 1));

test('the running system has a root mount', () => {
  assert.ok(readMounts().some((mount) => mount.path === '/'));
});
