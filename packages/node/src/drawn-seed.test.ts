import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IOChaosSpec, KernelChaosSpec } from '@ordeal/experiment';
import { soleMatch, withRequestSeed, withSeed } from './drawn-seed.js';

const spec = (fields: Partial<IOChaosSpec>) =>
  ({ action: 'fault', percent: 100, ...fields }) as unknown as IOChaosSpec;

test('a seed is drawn for a random choice without one', () => {
  for (const fields of [{ percent: 50 }, { action: 'mistake' as const }]) {
    assert.equal(typeof withSeed(spec(fields)).seed, 'number');
    assert.equal(withSeed(spec({ ...fields, seed: 7 })).seed, 7);
  }
  assert.equal(withSeed(spec({})).seed, undefined);
  assert.equal(withSeed(spec({ percent: 0 })).seed, undefined);
  assert.equal(withSeed(spec({ percent: 50 }), 9).seed, 9);
});

test('the same for kernel faults', () => {
  const request = (probability: number, seed?: number) =>
    ({ failtype: 0, callchain: [], probability, seed }) as unknown as KernelChaosSpec['failKernRequest'];
  assert.equal(withRequestSeed(request(50), 9).seed, 9);
  assert.equal(withRequestSeed(request(50, 7), 9).seed, 7);
  assert.equal(withRequestSeed(request(100), 9).seed, undefined);
  assert.equal(withRequestSeed(request(0), 9).seed, undefined);
});

test('which match got the only fault', () => {
  assert.equal(soleMatch({ spec: spec({ after: 2, times: 1 }) }, 1n), 3);
  assert.equal(soleMatch({ spec: spec({ after: 2, every: 5 }) }, 1n), 7);
  assert.equal(soleMatch({ spec: spec({}) }, 2n), undefined);
  assert.equal(soleMatch({ spec: spec({}), only: [4] }, 1n), 4);
  assert.equal(soleMatch({ spec: spec({ percent: 50 }) }, 1n), undefined);
});
