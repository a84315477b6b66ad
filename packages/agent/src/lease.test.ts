import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from './lease.js';

test('a lease lasts from its last renewal', () => {
  let now = 100;
  const lease = new Lease(60, () => now);
  now = 159;
  assert.equal(lease.isOver, false);
  lease.renew();
  now = 218;
  assert.equal(lease.isOver, false);
  now = 219;
  assert.equal(lease.isOver, true);
  lease.renew();
  assert.equal(lease.isOver, false);
});
