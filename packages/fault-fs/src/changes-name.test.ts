import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesNameBy } from './changes-name.js';

test('calls that change a name, calls that do not, and those that cannot be told', () => {
  const rest = '0xffffff9c 0x7ffd 0x0 0x0 0x0 0x0 0x7ffe 0x7f00';
  assert.equal(changesNameBy(`263 ${rest}`, 'x64'), true);
  assert.equal(changesNameBy(`42 ${rest}`, 'x64'), false, 'connect');
  assert.equal(changesNameBy(`35 ${rest}`, 'arm64'), true);
  assert.equal(changesNameBy('running\n', 'x64'), undefined);
  assert.equal(changesNameBy('-1 0x7ffd 0x7f00\n', 'x64'), false, 'a thread of io_uring');
  assert.equal(changesNameBy('', 'x64'), false);
});
