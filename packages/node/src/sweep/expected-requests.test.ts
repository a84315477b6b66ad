import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExpectedRequests } from './expected-requests.js';

const made = (method: string, path: string) => ({ method, path });

test('a name that differs between two runs without a fault is no difference later', () => {
  const expected = new ExpectedRequests(
    [made('create', 'objects/tmp_a1'), made('write', 'log')],
    [made('create', 'objects/tmp_b2'), made('write', 'log')],
  );
  assert.equal(expected.steady, true);
  assert.equal(expected.isExpected(1, made('create', 'objects/tmp_c3')), true);
  assert.equal(expected.nameOf(1, made('create', 'objects/tmp_c3')), 'objects/tmp_*');
  assert.equal(expected.isExpected(1, made('write', 'log')), false);
  assert.equal(expected.isExpected(2, made('write', 'log')), true);
  assert.equal(expected.isExpected(3, made('write', 'log')), false);
});

test('a request at another place than without a fault has the name that it has there', () => {
  const expected = new ExpectedRequests(
    [made('write', 'a'), made('write', 'x1.tmp')],
    [made('write', 'a'), made('write', 'x22.tmp')],
  );
  assert.equal(expected.nameOf(1, made('write', 'x3.tmp')), 'x*.tmp');
  assert.equal(expected.nameOf(1, made('write', 'other')), 'other');
});

test('other requests, or another number of them, are told', () => {
  assert.equal(new ExpectedRequests([made('write', 'a')], []).steady, false);
  assert.equal(new ExpectedRequests([made('write', 'a')], [made('fsync', 'a')]).steady, false);
});
