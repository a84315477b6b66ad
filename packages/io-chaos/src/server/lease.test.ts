import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease } from './lease.js';

function leaseOf() {
  let now = 0;
  const heard: string[] = [];
  const lease = new Lease(5000, {
    expired: () => heard.push('expired'),
    renewed: (milliseconds) => heard.push(`renewed after ${milliseconds}`),
  });
  const pass = (milliseconds: number) => {
    now += milliseconds;
    lease.look(now);
    return heard.splice(0);
  };
  return { lease, pass, begin: () => lease.begin(now), renew: () => lease.renew(now) };
}

test('a lease that is renewed in time never expires', () => {
  const { pass, begin, renew } = leaseOf();
  begin();
  for (let second = 0; second < 20; second++) {
    assert.deepEqual(pass(1000), []);
    renew();
  }
  assert.deepEqual(pass(4999), []);
  assert.deepEqual(pass(1), ['expired']);
});

test('a lease that has expired is renewed, and expires again', () => {
  const { lease, pass, begin, renew } = leaseOf();
  begin();
  assert.equal(lease.due, 5000);
  assert.deepEqual(pass(5000), ['expired']);
  assert.equal(lease.due, Number.POSITIVE_INFINITY);
  assert.deepEqual(pass(2000), []);
  renew();
  renew();
  assert.deepEqual(pass(0), ['renewed after 2000']);
  assert.equal(lease.due, 12_000);
  assert.deepEqual(pass(5000), ['expired']);
});

test('before its beginning there is nothing to renew', () => {
  const { pass, renew } = leaseOf();
  renew();
  assert.deepEqual(pass(10_000), []);
});
