import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRNO } from '@ordeal/linux';
import { parseSweptCalls, TYPICAL_CALLS } from './swept-calls.js';

test('calls with their errors, or with the typical ones', () => {
  assert.deepEqual(parseSweptCalls('openat, write=enospc,getpid=EPERM'), [
    { name: 'openat', errno: ERRNO.EMFILE },
    { name: 'write', errno: ERRNO.ENOSPC },
    { name: 'getpid', errno: ERRNO.EPERM },
  ]);
  const names = TYPICAL_CALLS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('what is no call, no error, or has no usual one', () => {
  for (const text of ['', 'openat,', 'read(2)', 'read=EOI', 'getpid']) {
    assert.throws(() => parseSweptCalls(text), { code: 'ORD-901' }, text);
  }
  assert.throws(() => parseSweptCalls('opennat'), {
    hint: /^Write which one: opennat=ENOMEM; or did you mean openat, /,
  });
});
