import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Lease } from './lease.js';

function leaseOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const heard: string[] = [];
  const lease = new Lease(5000, {
    expired: () => heard.push('expired'),
    renewed: (milliseconds) => heard.push(`renewed after ${milliseconds}`),
  });
  const pass = (milliseconds: number) => {
    now += milliseconds;
    t.mock.timers.tick(milliseconds);
    return heard.splice(0);
  };
  return { lease, pass };
}

test('a lease that is renewed in time never expires', (t) => {
  const { lease, pass } = leaseOf(t);
  lease.begin();
  for (let second = 0; second < 20; second++) {
    assert.deepEqual(pass(1000), []);
    lease.renew();
  }
  assert.deepEqual(pass(5000), ['expired']);
});

test('a lease that has expired is renewed, and expires again', (t) => {
  const { lease, pass } = leaseOf(t);
  lease.begin();
  assert.deepEqual(pass(5000), ['expired']);
  pass(2000);
  lease.renew();
  lease.renew();
  assert.deepEqual(pass(0), ['renewed after 2000']);
  assert.deepEqual(pass(5000), ['expired']);
});

test('before its beginning and after its end there is nothing to renew', (t) => {
  const { lease, pass } = leaseOf(t);
  lease.renew();
  assert.deepEqual(pass(10_000), []);
  lease.begin();
  lease.end();
  lease.renew();
  assert.deepEqual(pass(10_000), []);
});
