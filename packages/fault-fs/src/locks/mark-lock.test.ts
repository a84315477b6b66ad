import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYS } from '@ordeal/linux';
import { ownerOf } from './mark-lock.js';

const F_SETLK = 6;
const F_OFD_SETLKW = 38;

test('the call that asks for a lock says whose it is', () => {
  const posix = ownerOf([SYS.fcntl, 5, F_SETLK], 77, false);
  assert.deepEqual(posix, { kind: 'POSIX', pid: 77, number: 5 });
  const description = ownerOf([SYS.fcntl, 5, F_OFD_SETLKW], 77, false);
  assert.deepEqual(description, { kind: 'OFDLCK', pid: 77, number: 5 });
  const flock = ownerOf([SYS.flock, 5, 2], 77, true);
  assert.deepEqual(flock, { kind: 'FLOCK', pid: 77, number: 5 });
});

test('a lock whose call is not known is taken for the usual one', () => {
  assert.equal(ownerOf(undefined, 77, false)?.kind, 'POSIX');
  assert.equal(ownerOf(undefined, 77, true), undefined);
});
